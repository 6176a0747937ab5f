#!/bin/sh
# Signs an assertion and encrypts it with xmlsec1, for `cargo test` to open. Run again after
# tests/keys/make.sh.
set -eu
cd "$(dirname "$0")/encrypted"
DS='http://www.w3.org/2000/09/xmldsig#'
EXC='http://www.w3.org/2001/10/xml-exc-c14n#'
ENC='http://www.w3.org/2001/04/xmlenc#'
ENC11='http://www.w3.org/2009/xmlenc11#'

# The prefixes of the response are used inside, where they are declared no more.
cat > response.xml <<XML
<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="_response" Version="2.0" IssueInstant="2026-11-23T12:00:00Z" Destination="https://app.example/.access/acs" InResponseTo="_request">
  <saml:Issuer>test idp</saml:Issuer>
  <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
  <saml:EncryptedAssertion><saml:Assertion ID="_assertion" Version="2.0" IssueInstant="2026-11-23T12:00:00Z">
    <saml:Issuer>test idp</saml:Issuer><ds:Signature xmlns:ds="$DS"><ds:SignedInfo>
      <ds:CanonicalizationMethod Algorithm="$EXC"/>
      <ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
      <ds:Reference URI="#_assertion"><ds:Transforms>
        <ds:Transform Algorithm="${DS}enveloped-signature"/>
        <ds:Transform Algorithm="$EXC"><ec:InclusiveNamespaces xmlns:ec="$EXC" PrefixList="xs"/></ds:Transform>
      </ds:Transforms><ds:DigestMethod Algorithm="${ENC}sha256"/><ds:DigestValue/></ds:Reference>
    </ds:SignedInfo><ds:SignatureValue/></ds:Signature>
    <saml:Subject>
      <saml:NameID>alice@example.com</saml:NameID>
      <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="2026-11-23T12:05:00Z" Recipient="https://app.example/.access/acs" InResponseTo="_request"/></saml:SubjectConfirmation>
    </saml:Subject>
    <saml:Conditions><saml:AudienceRestriction><saml:Audience>https://app.example/.access/metadata</saml:Audience></saml:AudienceRestriction></saml:Conditions>
    <saml:AuthnStatement AuthnInstant="2026-11-23T11:59:00Z"><saml:AuthnContext/></saml:AuthnStatement>
    <saml:AttributeStatement><saml:Attribute Name="memberOf"><saml:AttributeValue xsi:type="xs:string">R&amp;D, Zürich</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>
  </saml:Assertion></saml:EncryptedAssertion>
</samlp:Response>
XML
openssl pkey -inform DER -in ../../keys/rsa.pk8 -out key.pem
openssl x509 -inform DER -in ../../keys/sp.der -out sp.pem
xmlsec1 --sign --privkey-pem key.pem --output signed.xml \
    --id-attr:ID urn:oasis:names:tc:SAML:2.0:assertion:Assertion response.xml

encrypt() { # name, data, session key
    cat > template.xml <<XML
<xenc:EncryptedData xmlns:xenc="$ENC" Type="${ENC}Element">
 <xenc:EncryptionMethod Algorithm="$2"/>
 <ds:KeyInfo xmlns:ds="$DS"><xenc:EncryptedKey>
  <xenc:EncryptionMethod Algorithm="${ENC}rsa-oaep-mgf1p"/>
  <ds:KeyInfo><ds:KeyName>sp</ds:KeyName></ds:KeyInfo>
  <xenc:CipherData><xenc:CipherValue/></xenc:CipherData>
 </xenc:EncryptedKey></ds:KeyInfo>
 <xenc:CipherData><xenc:CipherValue/></xenc:CipherData>
</xenc:EncryptedData>
XML
    xmlsec1 --encrypt --pubkey-cert-pem:sp sp.pem --session-key "$3" --output "$1.xml" \
        --xml-data signed.xml --node-name urn:oasis:names:tc:SAML:2.0:assertion:Assertion template.xml
}
encrypt aes128-cbc "${ENC}aes128-cbc" aes-128
encrypt aes256-cbc "${ENC}aes256-cbc" aes-256
encrypt aes128-gcm "${ENC11}aes128-gcm" aes-128
encrypt aes256-gcm "${ENC11}aes256-gcm" aes-256
rm response.xml signed.xml template.xml key.pem sp.pem
