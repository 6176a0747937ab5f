#!/bin/sh
# Makes the keys that the tests sign with, and certificates of the shapes that identity providers
# have been seen with. They are for tests only; run again when one is missing.
set -eu
cd "$(dirname "$0")"

key() { # name, genpkey options
    name=$1; shift
    openssl genpkey -out "$name.pem" "$@"
    openssl pkcs8 -topk8 -nocrypt -in "$name.pem" -outform DER -out "$name.pk8"
    openssl req -new -x509 -key "$name.pem" -days 36500 -subj "/CN=$name" -outform DER -out "$name.der"
}
key rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key rsa-other -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key sp -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key sp-old -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key rsa-4096 -algorithm RSA -pkeyopt rsa_keygen_bits:4096
key rsa-1024 -algorithm RSA -pkeyopt rsa_keygen_bits:1024
key rsa-e3 -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3
key p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:named_curve
key p384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -pkeyopt ec_param_enc:named_curve
key p521 -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -pkeyopt ec_param_enc:named_curve
key ed25519 -algorithm ED25519
openssl dsaparam -genkey -out dsa.pem 2048
openssl req -new -x509 -key dsa.pem -days 36500 -subj /CN=dsa -outform DER -out dsa.der

odd() { # name, further options of `openssl req`
    name=$1; shift
    openssl req -new -x509 -key rsa.pem -days 36500 -subj "/CN=$name" -outform DER -out "$name.der" "$@"
}
odd serial-zero -set_serial 0
odd serial-negative -set_serial -5
odd signed-md5 -md5
odd signed-sha1 -sha1
openssl req -new -key rsa.pem -subj /CN=version-1 |
    openssl x509 -req -signkey rsa.pem -days 36500 -outform DER -out version-1.der
rm -f -- *.pem rsa-1024.pk8 rsa-e3.pk8 p521.pk8 ed25519.pk8
