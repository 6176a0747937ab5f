//! The table: variant, code, kind, cause, remedy.

use super::{Kind, refusals};

refusals! {
    // The request
    HostUnknown "host-unknown" Unavailable
        "No policy document is stored for this host."
        "Store one in KV as app/<host>, or route this host elsewhere."
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
        "Correct the link, or let the application's rule allow encoded slashes."
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
    TextDeceives "text-deceives" SignInFailed
        "A name, group or attribute has control, bidirectional or zero-width characters."
        "Correct the value at the identity provider."
}
