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
    XmlNamespace "xml-namespace" BadRequest
        "A namespace is undeclared, relative, or declared in a way that XML forbids."
        "Let the identity provider send valid namespaces."

    // Signature

    // Identity
    EmailMalformed "email-malformed" SignInFailed
        "The mail address that the identity provider sent is not one plain address."
        "Correct the person's mail address, or the attribute that is sent as mail address."
    TextDeceives "text-deceives" SignInFailed
        "A name, group or attribute has control, bidirectional or zero-width characters."
        "Correct the value at the identity provider."
}
