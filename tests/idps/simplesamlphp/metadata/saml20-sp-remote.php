<?php

// The gate's own metadata, read as SimpleSAMLphp's converter reads it, and then what an
// administrator would set beside it.
$folder = getenv('IDP_FOLDER');
$read = \SimpleSAML\Metadata\SAMLParser::parseFile("$folder/sp.xml")->getMetadata20SP();
$metadata[$read['entityid']] = array_merge(
    $read,
    json_decode(file_get_contents("$folder/variant.json"), true)
);
