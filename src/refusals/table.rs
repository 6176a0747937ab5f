//! The table: variant, code, kind, cause, remedy.

use super::{Kind, refusals};

refusals! {
    // The request
    HostUnknown "host-unknown" Unavailable
        "No policy document is stored for this host."
        "Store one in KV as app/<host>, or route this host elsewhere."
    PathNotAbsolute "path-not-absolute" BadRequest
        "The path does not begin with a slash."
        "Correct the link."
    PathHasQuery "path-has-query" BadRequest
        "The path has a question mark or a number sign, which would end it."
        "Percent-encode it, or take the query away."
    PathNotAscii "path-not-ascii" BadRequest
        "The path has a byte that is not visible ASCII."
        "Percent-encode it."
    PathBadEscape "path-bad-escape" BadRequest
        "The path has a percent sign without two hexadecimal digits."
        "Correct the link."
    PathControl "path-control" BadRequest
        "The path encodes a control character."
        "Correct the link."
    PathEncodedSlash "path-encoded-slash" BadRequest
        "The path encodes a slash, which the application could read as a separator."
        "Correct the link, or write allow_encoded_slash into the rule of an application that needs it."
    PathBackslash "path-backslash" BadRequest
        "The path has a backslash, plain or encoded, which some applications read as a slash."
        "Correct the link."
    PathNotUtf8 "path-not-utf8" BadRequest
        "The path decodes to bytes that are not UTF-8."
        "Correct the link."
    PathDoubleEncoded "path-double-encoded" BadRequest
        "The path is percent-encoded twice."
        "Correct the link."
    PathDotSegment "path-dot-segment" BadRequest
        "The path has a dot segment, plain, encoded or before a parameter."
        "Correct the link."
    PathTooLong "path-too-long" BadRequest
        "The path is longer than 2 KiB or has more than 64 segments."
        "Shorten the link."

    // The decision
    NotAllowed "not-allowed" NotAllowed
        "No rule allows this person here."
        "Ask whoever writes the policy, with the reference id."
    Denied "denied" NotAllowed
        "A rule denies this path."
        "Ask whoever writes the policy, with the reference id."
    SignInNeeded "sign-in-needed" SignInNeeded
        "Nobody is signed in, and this request is not a page that a browser opens."
        "Open the application in a browser and sign in."
    FormNotSent "form-not-sent" SignInNeeded
        "Nobody is signed in any more, so that a form was not handed to the application."
        "Sign in in another tab, and send the form again; a form of another site never carries the session."
    ServiceTokenRefused "service-token-refused" SignInNeeded
        "The service token is not known, or it has expired."
        "Make a new one with `vestibule service rotate`, or correct X-Access-Client-Id and X-Access-Client-Secret."
    AttributesTooLarge "attributes-too-large" Unavailable
        "The attributes that the policy tells the application are larger than 2 KiB."
        "Take the large one out of `assertion` or `headers`, or let the identity provider send less."

    AccessTokenRefused "access-token-refused" SignInNeeded
        "The token in X-Access-Token is not one of this host, or it has expired or was ended."
        "Run `vestibule login` again."

    // XML
    XmlTooLarge "xml-too-large" BadRequest
        "The XML is larger than the limit, or has more elements, levels, attributes or namespaces."
        "Send less: for example only the groups that concern this application."
    XmlEncoding "xml-encoding" BadRequest
        "The XML is not UTF-8, or declares another encoding or version."
        "Let the identity provider send UTF-8."
    XmlDoctype "xml-doctype" BadRequest
        "The XML has a document type declaration."
        "No honest identity provider sends one: look at who sent this."
    XmlInstruction "xml-instruction" BadRequest
        "The XML has a processing instruction."
        "No honest identity provider sends one: look at who sent this."
    XmlComment "xml-comment" BadRequest
        "The XML has a comment."
        "Let the identity provider send XML without comments."
    XmlCdata "xml-cdata" BadRequest
        "The XML has a CDATA section."
        "Let the identity provider send plain text."
    XmlEntity "xml-entity" BadRequest
        "The XML uses an entity that XML does not predefine, or a reference to no character."
        "No honest identity provider sends one: look at who sent this."
    XmlMalformed "xml-malformed" BadRequest
        "The XML is not well-formed."
        "Let the identity provider send well-formed XML."
    XmlDuplicateAttribute "xml-duplicate-attribute" BadRequest
        "An element has the same attribute twice, by its spelling or by its namespace."
        "No honest identity provider sends this: look at who sent it."
    XmlContent "xml-content" BadRequest
        "An element has child elements where only text may be, or text among child elements."
        "Let the identity provider send valid SAML."
    XmlNamespace "xml-namespace" BadRequest
        "A namespace is undeclared, relative, or declared in a way that XML forbids."
        "Let the identity provider send valid namespaces."

    // Signature
    NoKey "no-key" Unavailable
        "No key of the identity provider is configured, so no signature can be checked."
        "Store the identity provider's certificate in KV as part of idp/<id>."
    CertificateMalformed "certificate-malformed" Unavailable
        "A configured certificate is not an X.509 certificate in base64."
        "Copy the certificate from the identity provider's metadata again."
    KeyUnsupported "key-unsupported" Unavailable
        "A configured certificate has a key that is neither RSA nor EC P-256 or P-384."
        "Let the identity provider sign with such a key."
    KeyWeak "key-weak" Unavailable
        "A configured certificate has an RSA key outside 2048 to 8192 bits, or a bad exponent."
        "Let the identity provider make a new key."
    KeyBare "key-bare" Unavailable
        "The metadata names a signing key without a certificate that holds it."
        "Let the identity provider publish its signing certificate in its metadata."
    SignatureMissing "signature-missing" SignInFailed
        "What must be signed has no signature."
        "Let the identity provider sign the assertion, the response, or both."
    SignatureTwice "signature-twice" SignInFailed
        "One element has two signatures."
        "No honest identity provider sends this: look at who sent it."
    SignatureMisplaced "signature-misplaced" SignInFailed
        "A signature stands where none may stand."
        "No honest identity provider sends this: look at who sent it."
    SignatureShape "signature-shape" SignInFailed
        "The signature is not built in the one way that SAML allows."
        "Let the identity provider send a plain enveloped signature, without ds:Object."
    SignatureReference "signature-reference" SignInFailed
        "The signature does not refer to the element that it stands in, by its ID."
        "Let the identity provider refer to the signed element by its ID."
    SignatureTransform "signature-transform" SignInFailed
        "The signature uses another transform than enveloped and exclusive canonicalisation."
        "Let the identity provider use exclusive canonicalisation, without comments."
    SignatureSha1 "signature-sha1" SignInFailed
        "The signature or its digest uses SHA-1."
        "Let the identity provider sign with SHA-256."
    SignatureAlgorithm "signature-algorithm" SignInFailed
        "The signature or its digest uses an algorithm that is not on the list."
        "Let the identity provider sign with RSA or ECDSA and SHA-256."
    SignatureEncoding "signature-encoding" SignInFailed
        "The value of a signature or digest is not base64, or is of the wrong length."
        "Look at what changed the message on its way."
    SignatureKeyFamily "signature-key-family" SignInFailed
        "No configured key is of the family that the signature names."
        "Store the certificate that the identity provider signs with now."
    SignatureWrong "signature-wrong" SignInFailed
        "No configured key verifies the signature."
        "Store the certificate that the identity provider signs with now."
    DigestWrong "digest-wrong" SignInFailed
        "The signed element is not what was signed."
        "Look at what changed the message on its way."
    CanonicalEmpty "canonical-empty" SignInFailed
        "Nothing is left to sign."
        "No honest identity provider sends this: look at who sent it."
    IdMissing "id-missing" SignInFailed
        "A signed element has no ID."
        "Let the identity provider send valid SAML."
    IdMalformed "id-malformed" SignInFailed
        "An ID is not an XML name, or stands in an attribute with a prefix."
        "Let the identity provider send valid SAML."
    IdDuplicate "id-duplicate" SignInFailed
        "Two elements have the same ID."
        "No honest identity provider sends this: look at who sent it."

    // Identity
    EmailMalformed "email-malformed" SignInFailed
        "The mail address that the identity provider sent is not one plain address."
        "Correct the person's mail address, or the attribute that is sent as mail address."
    EmailDomain "email-domain" SignInFailed
        "The identity provider may not vouch for mail addresses of this domain."
        "Add the domain to email_domains in idp/<id>, if addresses in it are given out by them alone."
    GroupsElsewhere "groups-elsewhere" SignInFailed
        "Entra ID left the groups out, because the person is in more than 150, and sent a link."
        "Let Entra ID send only the groups that are assigned to the application."
    TextDeceives "text-deceives" SignInFailed
        "A name, group or attribute has control, bidirectional or invisible characters."
        "Correct the value at the identity provider."

    // The response
    FormMalformed "form-malformed" BadRequest
        "The form has no SAMLResponse, or has a field twice, or is not a form."
        "Sign in again from the application's own address."
    FormTooLarge "form-too-large" BadRequest
        "The form is larger than 300 KiB."
        "Let the identity provider send fewer attributes or groups."
    Base64Malformed "base64-malformed" BadRequest
        "The SAMLResponse is not base64."
        "Sign in again; if it happens again, look at what the identity provider sends."
    DeflateMalformed "deflate-malformed" BadRequest
        "The message in the query is not deflated, or inflates to more than 64 KiB."
        "No honest identity provider sends this: look at who sent it."
    LoginStateMissing "login-state-missing" SignInFailed
        "This browser has no sign-in under way that the response could belong to."
        "Sign in again from the application's own address, with cookies allowed, within ten minutes."
    ResponseRoot "response-root" BadRequest
        "The message is not a SAML 2.0 Response."
        "Check that the identity provider posts responses, and nothing else, to this address."
    SamlUnexpected "saml-unexpected" BadRequest
        "The response has an element or attribute in a place where none is understood."
        "Compare the response with what the identity provider should send."
    SamlMissing "saml-missing" BadRequest
        "The response lacks an element or attribute that it must have."
        "Compare the response with what the identity provider should send."
    AssertionCount "assertion-count" SignInFailed
        "The response does not hold exactly one assertion."
        "Let the identity provider send one assertion, and none with an error."
    AssertionEncrypted "assertion-encrypted" SignInFailed
        "The assertion is encrypted, and no key to decrypt it is configured."
        "Make a SAML_KEY, as docs/saml-key.md says, or switch encryption off at the identity provider."
    EncryptionShape "encryption-shape" SignInFailed
        "The encrypted assertion is not one EncryptedData with one EncryptedKey."
        "Compare the response with what the identity provider should send."
    EncryptionAlgorithm "encryption-algorithm" SignInFailed
        "The assertion is encrypted with an algorithm that is not on the list, such as RSA 1.5 or Triple DES."
        "Let the identity provider encrypt with RSA-OAEP, and with AES-128 or AES-256 in GCM."
    EncryptionOaepHashes "encryption-oaep-hashes" SignInFailed
        "The RSA-OAEP of the encrypted assertion has one hash as digest and another in its mask."
        "Let the identity provider use SHA-1 for both, or SHA-256 for both."
    EncryptionCbcUnsigned "encryption-cbc-unsigned" SignInFailed
        "The assertion is encrypted with AES-CBC, and no signature covers the encrypted form."
        "Let the identity provider encrypt with AES-GCM or sign the response, or allow cbc-signed-inside in its document."
    AssertionUndecipherable "assertion-undecipherable" SignInFailed
        "The encrypted assertion can't be decrypted, or what is inside was not signed."
        "Give the identity provider the certificate in our metadata, and let it sign the assertion."
    TooManySignIns "too-many-sign-ins" TooMany
        "There were more sign-ins from this address than LOGIN_LIMIT allows."
        "Wait a minute; if honest people meet it, raise the limit in wrangler.toml."
    SignInLoop "sign-in-loop" SignInFailed
        "Several sign-ins for one page followed upon each other, and none of them lasted."
        "Look whether the browser keeps cookies, whether clocks are right, and what signed_in_within and SessionNotOnOrAfter demand."
    StatusNotSuccess "status-not-success" SignInFailed
        "The identity provider says that the sign-in did not succeed."
        "Look into the identity provider's own log; often the person is not assigned to the application."
    VersionUnsupported "version-unsupported" BadRequest
        "The message is not of SAML version 2.0."
        "Let the identity provider use SAML 2.0."
    IssuerMismatch "issuer-mismatch" SignInFailed
        "The response comes from another identity provider than the one that was asked."
        "Compare the entity ID in the stored metadata with the one that the identity provider uses."
    DestinationMismatch "destination-mismatch" SignInFailed
        "The response is meant for another address."
        "Set the ACS URL at the identity provider to the address in our metadata."
    RecipientMismatch "recipient-mismatch" SignInFailed
        "The assertion is meant for another address."
        "Set the ACS URL at the identity provider to the address in our metadata."
    AudienceMismatch "audience-mismatch" SignInFailed
        "The assertion is meant for another service provider."
        "Set the SP entity ID at the identity provider to the one in our metadata."
    Unsolicited "unsolicited" SignInFailed
        "The response does not answer a request of ours."
        "Start from the application's own address."
    InResponseToMismatch "in-response-to-mismatch" SignInFailed
        "The response answers another request than the one this browser made."
        "Sign in again from the application's own address."
    ConfirmationMissing "confirmation-missing" SignInFailed
        "The assertion has no bearer confirmation with an end and without a beginning."
        "Let the identity provider use the Web Browser SSO profile."
    ConditionUnknown "condition-unknown" SignInFailed
        "The assertion sets a condition that is not understood."
        "Let the identity provider leave it out."
    NotYetValid "not-yet-valid" SignInFailed
        "The assertion is not valid yet."
        "Check the identity provider's clock."
    AuthnStale "authn-stale" SignInFailed
        "A new sign-in was demanded, and the identity provider answered with an old one."
        "Let the identity provider honour ForceAuthn, or sign out there first."
    AuthnContextMismatch "authn-context-mismatch" SignInFailed
        "The person did not sign in at the identity provider in one of the ways that are demanded."
        "Sign in with a second factor, or correct request.authn_context in idp/<id>."
    NameIdFormatMismatch "name-id-format-mismatch" SignInFailed
        "The NameID is of another format than the one that was asked for."
        "Choose that format at the identity provider, or correct request.name_id_format in idp/<id>."
    Expired "expired" SignInFailed
        "The assertion is no longer valid."
        "Sign in again; if it happens again, check the identity provider's clock."
    TimeMalformed "time-malformed" BadRequest
        "A time is not a UTC time as SAML writes it."
        "Compare the message or the metadata with what the identity provider should send."
    NameIdUnusable "name-id-unusable" SignInFailed
        "The NameID is empty, longer than 1024 bytes, or begins as the name of a service does."
        "Choose another NameID at the identity provider."
    AttributesTooMany "attributes-too-many" SignInFailed
        "The assertion has more than 1000 attribute values or 500 groups."
        "Let the identity provider send only the groups that concern this application."
    Replayed "replayed" SignInFailed
        "This response was used before."
        "Sign in again."
    RevokedAhead "revoked-ahead" SignInFailed
        "The sessions of this person were ended at a time that is still to come."
        "Set right the clock of the computer that runs `vestibule revoke`, and run it again."
    SessionTooLarge "session-too-large" SignInFailed
        "What the identity provider says of this person does not fit into a browser's cookies."
        "Let the identity provider send only the groups that concern this application."

    // One sign-in for many hosts
    HandOverMalformed "hand-over-malformed" BadRequest
        "The address of the hand-over lacks something, or has something else than it must."
        "Start from the application's own address."
    HandOverForeign "hand-over-foreign" BadRequest
        "The host that a session is asked for does not name this one as its auth host."
        "Correct sign_in.auth_host in the application's document, or the link."
    HandOverUnknown "hand-over-unknown" SignInFailed
        "This host has no session waiting under the code of the hand-over."
        "Sign in again from the application's own address."
    HandOverUsed "hand-over-used" SignInFailed
        "The code of the hand-over was used before."
        "Sign in again from the application's own address."
    HandOverLate "hand-over-late" SignInFailed
        "The code of the hand-over is older than a minute."
        "Sign in again from the application's own address."
    HandOverMismatch "hand-over-mismatch" SignInFailed
        "The hand-over answers another sign-in than the one that this browser began."
        "Sign in again from the application's own address."
    HandOverStale "hand-over-stale" SignInFailed
        "The sign-in that was handed over is too old for this application, or was ended."
        "Sign in again."

    // The sign-in of the command line
    CommandLineMalformed "command-line-malformed" BadRequest
        "The sign-in of the command line lacks something, or would lead to another computer than this one."
        "Run `vestibule login` again."
    CommandLineForged "command-line-forged" SignInFailed
        "The form that lets the command line in was not sent by our own page, in this session, once and in time."
        "Run `vestibule login` again."
    CommandLineCodeRefused "command-line-code-refused" BadRequest
        "The code of the command line is not known here, was used, is older than a minute, or has another verifier."
        "Run `vestibule login` again."

    // Our own pages
    NotFound "not-found" NotFound
        "There is no such page, or it is not open to this person; the document has hide_refused."
        "Look into the log: the reference leads to the line with the reason."
    NoSuchPage "no-such-page" NotFound
        "There is no such page below /.access/."
        "Correct the link."

    // Vestibule itself
    BindingMissing "binding-missing" Unavailable
        "A binding or secret of the Worker is missing or unusable."
        "Add it to wrangler.toml or with wrangler secret put, and deploy."
    KeysUnusable "keys-unusable" Unavailable
        "SEAL_KEYS, SIGN_KEYS or SAML_KEY does not hold usable keys."
        "Make them anew, as the README and docs/saml-key.md say, and put them with wrangler secret put."
    SigningKeyMissing "signing-key-missing" Unavailable
        "The document of the identity provider demands signed requests, and there is no SAML_KEY."
        "Make a SAML_KEY, as docs/saml-key.md says, and put it with wrangler secret put."
    StoreUnavailable "store-unavailable" Unavailable
        "The store with the policies can't be read."
        "Wait and try again; look at the state of Cloudflare KV."
    DocumentUnusable "document-unusable" Unavailable
        "The policy document of this host can't be used."
        "Correct it, and store it again."
    DocumentOld "document-old" Unavailable
        "The store gave an earlier release of the policy document than it had given before."
        "Wait: it gives the newer one within minutes; to go back, use `vestibule rollback`."
    IdpMissing "idp-missing" Unavailable
        "An identity provider that the policy document names is not stored."
        "Store it in KV as idp/<id>."
    IdpDocumentUnusable "idp-document-unusable" Unavailable
        "The document of the identity provider is not the JSON that it must be."
        "Make it anew with vestibule idp add, and store it again."
    MetadataNoIdp "metadata-no-idp" Unavailable
        "The metadata describes no SAML 2.0 identity provider, or not the one that is asked for."
        "Export the metadata from the identity provider again."
    MetadataAmbiguous "metadata-ambiguous" Unavailable
        "The metadata describes several identity providers."
        "Say which, with entity_id; where that is not enough, leave only the right one in it."
    MetadataNoSignOn "metadata-no-sign-on" Unavailable
        "The metadata has no sign-on address for HTTP-Redirect or HTTP-POST."
        "Export the metadata from the identity provider again."
    MetadataExpired "metadata-expired" Unavailable
        "The metadata that was fetched has expired."
        "Let the identity provider publish current metadata; what is stored stays in use."
    MetadataUnreachable "metadata-unreachable" Unavailable
        "The metadata can't be fetched from metadata_url: no answer, an error, or a redirect to another host."
        "Open the address in a browser and correct it in idp/<id>; what is stored stays in use."
    UrlRefused "url-refused" Unavailable
        "A configured URL is not a plain https URL."
        "Correct it in the metadata or the configuration."
    LedgerUnavailable "ledger-unavailable" Unavailable
        "The ledger, which remembers used responses, can't be reached."
        "Wait and sign in again; look at the state of Durable Objects."
    OriginUnreachable "origin-unreachable" Unavailable
        "The application behind the gate can't be reached."
        "Look whether the application runs."
    Broken "broken" Unavailable
        "Vestibule failed in a way that should not be possible."
        "Report it, with the log line of the reference id."
}
