#!/bin/sh
# Signs with xmlsec1, for `cargo test` to verify. Run again after tests/keys/make.sh.
set -eu
cd "$(dirname "$0")/signed"
DS='http://www.w3.org/2000/09/xmldsig#'
MORE='http://www.w3.org/2001/04/xmldsig-more#'
ENC='http://www.w3.org/2001/04/xmlenc#'
EXC='http://www.w3.org/2001/10/xml-exc-c14n#'

sign() { # name, key, signature method, digest method, inside of the transform, canonicalisation
    c14n=${6:-$EXC}
    cat > template.xml <<XML
<?xml version="1.0" encoding="UTF-8"?>
<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:unused" ID="_r">
  <saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0"   ID='_a'>
    <saml:Issuer>https://idp.example/?a=b&amp;c</saml:Issuer><ds:Signature xmlns:ds="$DS">
      <ds:SignedInfo>
        <ds:CanonicalizationMethod Algorithm="$c14n"/>
        <ds:SignatureMethod Algorithm="$3"/>
        <ds:Reference URI="#_a">
          <ds:Transforms>
            <ds:Transform Algorithm="${DS}enveloped-signature"/>
            <ds:Transform Algorithm="$c14n">$5</ds:Transform>
          </ds:Transforms>
          <ds:DigestMethod Algorithm="$4"/>
          <ds:DigestValue/>
        </ds:Reference>
      </ds:SignedInfo>
      <ds:SignatureValue/>
      <ds:KeyInfo><ds:X509Data/></ds:KeyInfo>
    </ds:Signature>
    <saml:AttributeStatement>
      <saml:Attribute Name="näme&#10;" xml:lang="en">
        <saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">R&amp;D &gt; &#13;</saml:AttributeValue>
        <extra xmlns=""/><unused:extra xmlns:unused="urn:unused" b="2" a="1"/>
      </saml:Attribute>
    </saml:AttributeStatement>
  </saml:Assertion>
</samlp:Response>
XML
    openssl pkey -inform DER -in "../../keys/$2.pk8" -out key.pem
    openssl x509 -inform DER -in "../../keys/$2.der" -out cert.pem
    xmlsec1 --sign --privkey-pem key.pem,cert.pem --output "$1.xml" \
        --id-attr:ID urn:oasis:names:tc:SAML:2.0:assertion:Assertion template.xml
    rm template.xml key.pem cert.pem
}
LIST="<ec:InclusiveNamespaces xmlns:ec=\"$EXC\" PrefixList=\"xs #default absent\"/>"
sign rsa-sha256 rsa "${MORE}rsa-sha256" "${ENC}sha256" ''
sign rsa-sha384 rsa "${MORE}rsa-sha384" "${MORE}sha384" ''
sign rsa-sha512 rsa "${MORE}rsa-sha512" "${ENC}sha512" "$LIST"
sign p256-sha256 p256 "${MORE}ecdsa-sha256" "${ENC}sha256" "$LIST"
sign p384-sha384 p384 "${MORE}ecdsa-sha384" "${MORE}sha384" ''
# What is accepted only of those who can't do better.
sign rsa-sha1 rsa "${DS}rsa-sha1" "${DS}sha1" ''
sign rsa-inclusive rsa "${MORE}rsa-sha256" "${ENC}sha256" '' 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
