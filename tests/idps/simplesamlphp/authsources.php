<?php

// Each person's password is the name.
$config = ['people' => ['exampleauth:UserPass']];
foreach (json_decode(file_get_contents(getenv('IDP_FOLDER') . '/people.json'), true) as $person) {
    $config['people']["$person[id]:$person[id]"] = [
        'mail' => [$person['email']],
        'displayName' => [$person['name']],
        'groups' => $person['groups'],
    ];
}
