<?php

// A SimpleSAMLphp for the tests: everything that changes is in the folder that they made.
$folder = getenv('IDP_FOLDER');

$config = [
    'baseurlpath' => getenv('IDP_BASE') . '/',
    'certdir' => "$folder/",
    'loggingdir' => "$folder/",
    'datadir' => "$folder/",
    'tempdir' => "$folder/tmp",
    'metadatadir' => __DIR__ . '/metadata/',
    'secretsalt' => bin2hex(hash('sha256', $folder, true)),
    'auth.adminpassword' => bin2hex(random_bytes(16)),
    'timezone' => 'UTC',
    'logging.handler' => 'errorlog',
    'enable.saml20-idp' => true,
    'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
    'session.cookie.secure' => false,
    'session.phpsession.savepath' => $folder,
    'store.type' => 'phpsession',
    'metadata.sources' => [['type' => 'flatfile']],
];
