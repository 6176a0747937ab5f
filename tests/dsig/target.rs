//! What is signed, what is changed, and what is moved.

use super::*;

#[test]
fn only_what_was_signed_can_be_read() {
    let signed = sign(ASSERTION, "_a");
    let response = format!("<r ID='_r'>\n  {signed}\n</r>");
    let document = parse(&response);
    let assertion = document.root().children().next().unwrap();
    let verified = verify(assertion, &[public_key("rsa")]).unwrap();
    assert_eq!(verified.root().parent(), None);
    assert_eq!(verified.root().descendants().count(), 3);
    let name_id = verified.root().children().nth(1).unwrap();
    assert_eq!(name_id.text(), Ok("a&b@example.com"));
    assert_eq!(verify(document.root(), &[public_key("rsa")]).err(), Some(SignatureMissing));
}

#[test]
fn a_response_and_its_assertion_are_both_signed() {
    let assertion = sign(ASSERTION, "_a");
    let both = sign(&format!("<r ID=\"_r\">{assertion}</r>"), "_r");
    let document = parse(&both);
    let keys = [public_key("rsa")];
    let response = verify(document.root(), &keys).unwrap();
    let inner = response.root().children().next().unwrap();
    assert_eq!(verify(inner, &keys).unwrap().bytes(), ASSERTION.as_bytes());
}

#[test]
fn digest_wrong() {
    let signed = sign(ASSERTION, "_a");
    for (from, to) in [
        ("a&amp;b@", "c&amp;b@"),
        ("<saml:NameID>", "<saml:NameID x=''>"),
        ("</saml:Issuer>", "</saml:Issuer> "),
        ("</saml:NameID>", "</saml:NameID><saml:NameID/>"),
    ] {
        let changed = signed.replacen(from, to, 1);
        assert_ne!(changed, signed);
        assert_eq!(outcome(&changed, &["rsa"]), Err(DigestWrong), "{to}");
    }
    // What canonical form does not see is no change.
    let same = signed.replace("<saml:NameID>", "<saml:NameID  >").replace("ID=\"_a\"", "ID='_a'");
    assert_eq!(outcome(&same, &["rsa"]).as_deref(), Ok(ASSERTION));
}

#[test]
fn digest_of_nothing() {
    const EMPTY: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let template = TEMPLATE.replace("{digest}", EMPTY);
    let signed = sign_with(ASSERTION, "_a", &Signing { template, ..Signing::default() });
    assert_eq!(outcome(&signed, &["rsa"]), Err(DigestWrong));
}

#[test]
fn signature_wrong() {
    let signed = sign(ASSERTION, "_a");
    assert_eq!(outcome(&signed, &["rsa-other"]), Err(SignatureWrong));
    assert_eq!(outcome(&signed, &["rsa-other", "rsa-4096", "p256"]), Err(SignatureWrong));
    // SignedInfo changed after it was signed.
    for (from, to) in [
        ("xmlenc#sha256", "xmlenc#sha512"),
        ("rsa-sha256", "rsa-sha512"),
        ("<ds:Transforms>", "<ds:Transforms> "),
    ] {
        assert_eq!(outcome(&signed.replace(from, to), &["rsa"]), Err(SignatureWrong), "{to}");
    }
    // Truncated, lengthened and exchanged values.
    let (before, rest) = signed.split_once("<ds:SignatureValue>").unwrap();
    let (value, after) = rest.split_once("</ds:SignatureValue>").unwrap();
    let with =
        |value: &str| format!("{before}<ds:SignatureValue>{value}</ds:SignatureValue>{after}");
    assert!(outcome(&with(&format!("\r\n {} \t", value)), &["rsa"]).is_ok());
    for value in [&value[..340], "AAAA", &value[4..], &format!("AAAA{value}")] {
        assert_eq!(outcome(&with(value), &["rsa"]), Err(SignatureWrong), "{value}");
    }
    for value in ["", "AAA", "A A\u{A0}==", &value[..343], &format!("{value}=")] {
        assert_eq!(outcome(&with(value), &["rsa"]), Err(SignatureEncoding), "{value}");
    }
}

#[test]
fn white_space_and_prefix_lists_are_honest() {
    let pretty = TEMPLATE.replace("><", ">\n  <");
    let pretty = Signing { template: pretty, ..Signing::default() };
    assert!(outcome(&sign_with(ASSERTION, "_a", &pretty), &["rsa"]).is_ok());

    let list = |prefixes: &str| {
        let inside =
            format!(r#"<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="{prefixes}"/>"#);
        let from = r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#;
        TEMPLATE.replace(from, &from.replace("/>", &format!(">{inside}</ds:Transform>")))
    };
    let outer = format!(
        r#"<r xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:d" xmlns:unused="urn:u">{ASSERTION}</r>"#
    );
    let prefixes = ["xs", "#default", "absent"];
    let signing = Signing {
        template: list("xs #default\n absent"),
        prefixes: &prefixes,
        ..Signing::default()
    };
    let signed = sign_with(&outer, "_a", &signing);
    let document = parse(&signed);
    let assertion = document.root().children().next().unwrap();
    let verified = verify(assertion, &[public_key("rsa")]).unwrap();
    let text = std::str::from_utf8(verified.bytes()).unwrap();
    assert!(text.starts_with(r#"<saml:Assertion xmlns="urn:d" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema" ID="_a">"#), "{text}");

    let long = vec!["x"; 17].join(" ");
    let signing = Signing { template: list(&long), ..Signing::default() };
    assert_eq!(outcome(&sign_with(ASSERTION, "_a", &signing), &["rsa"]), Err(SignatureTransform));
}

#[test]
fn signature_twice_and_misplaced() {
    let signed = sign(ASSERTION, "_a");
    let from = signed.find("<ds:Signature ").unwrap();
    let to = signed.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    let signature = &signed[from..to];
    let twice = signed.replace(signature, &signature.repeat(2));
    assert_eq!(outcome(&twice, &["rsa"]), Err(SignatureTwice));

    // Moved to a child or to the parent, it is not the assertion's any more.
    let moved = signed
        .replace(signature, "")
        .replace("</saml:NameID>", &format!("{signature}</saml:NameID>"));
    assert_eq!(outcome(&moved, &["rsa"]), Err(SignatureMissing));
    let document = parse(&moved);
    assert_eq!(signatures_only_in(&document, &[]), Err(SignatureMisplaced));
    let outside = format!("<r ID='_r'>{signature}{}</r>", signed.replace(signature, ""));
    assert_eq!(outcome(&outside, &["rsa"]), Err(SignatureReference));

    let document = parse(&signed);
    let legal = signature_of(document.root()).unwrap().unwrap();
    assert_eq!(signatures_only_in(&document, &[legal]), Ok(()));
    assert_eq!(signatures_only_in(&document, &[]), Err(SignatureMisplaced));

    // Another namespace is another element.
    let other = signed.replace("xmldsig#\">", "xmldsig\">");
    assert_eq!(outcome(&other, &["rsa"]), Err(SignatureMissing));
}

#[test]
fn wrapped_signatures_feed_nothing() {
    let signed = sign(ASSERTION, "_a");
    let from = signed.find("<ds:Signature ").unwrap();
    let to = signed.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    let signature = &signed[from..to];
    let bare = signed.replace(signature, "");
    let evil = ASSERTION.replace("a&amp;b@", "admin@").replace("_a", "_evil");
    let with = |assertion: &str, inside: &str| {
        assertion.replace("</saml:Issuer>", &format!("</saml:Issuer>{inside}"))
    };
    let in_object = signature
        .replace("</ds:Signature>", &format!("<ds:Object>{bare}</ds:Object></ds:Signature>"));
    let cases = [
        ("the copied signature in a forged assertion", with(&evil, signature), SignatureReference),
        ("the signed one inside the forged one", with(&evil, &signed), SignatureMissing),
        (
            "signature in the forged one, original beside it",
            with(&evil, &format!("{signature}{bare}")),
            SignatureReference,
        ),
        ("original in an object of the signature", with(&evil, &in_object), SignatureShape),
        (
            "with the same ID",
            with(&evil.replace("_evil", "_a"), &format!("{signature}{bare}")),
            IdDuplicate,
        ),
        (
            "in place of the original, with its ID",
            with(&evil.replace("_evil", "_a"), signature),
            DigestWrong,
        ),
    ];
    for (name, xml, refusal) in cases {
        assert_eq!(outcome(&xml, &["rsa"]), Err(refusal), "{name}");
    }
}

#[test]
fn ids() {
    let cases = [
        ("<a ID='x'><b ID='y'/></a>", Ok(())),
        ("<a ID='x'><b Id='y'/><c id='z' xml:id='w'/><d AssertionID='v'/></a>", Ok(())),
        ("<a InResponseTo='x' ID='x'/>", Ok(())),
        ("<a ID='x'><b ID='x'/></a>", Err(IdDuplicate)),
        ("<a ID='x'><b Id='x'/></a>", Err(IdDuplicate)),
        ("<a ID='x'><b id='x'/></a>", Err(IdDuplicate)),
        ("<a ID='x'><b xml:id='x'/></a>", Err(IdDuplicate)),
        ("<a ID='x'><b AssertionID='x'/></a>", Err(IdDuplicate)),
        ("<a ID='x' Id='x'/>", Err(IdDuplicate)),
        ("<a ID='abc'><b ID='&#x61;bc'/></a>", Err(IdDuplicate)),
        ("<a xmlns:p='urn:p' p:ID='x'/>", Err(IdMalformed)),
        ("<a xmlns:p='urn:p' ID='evil' p:ID='good'/>", Err(IdMalformed)),
        ("<a xmlns:p='urn:p' p:Id='x'/>", Err(IdMalformed)),
        ("<a iD='x'/>", Err(IdMalformed)),
        ("<a ID=''/>", Err(IdMalformed)),
        ("<a ID='1'/>", Err(IdMalformed)),
        ("<a ID='a b'/>", Err(IdMalformed)),
        ("<a ID='a:b'/>", Err(IdMalformed)),
        ("<a ID=\"a'b\"/>", Err(IdMalformed)),
    ];
    for (xml, expected) in cases {
        assert_eq!(unique_ids(&parse(xml)), expected, "{xml}");
    }
    let without = sign(ASSERTION, "_a").replace("ID=\"_a\"", "");
    assert_eq!(outcome(&without, &["rsa"]), Err(IdMissing));
}

/// Whatever byte is changed: it is refused, or the same is verified.
#[test]
fn no_byte_can_be_changed() {
    let signed = sign(ASSERTION, "_a");
    let keys = [public_key("rsa")];
    let mut verified = 0;
    for at in 0..signed.len() {
        for byte in [b' ', b'A', b'<', b'"', signed.as_bytes()[at] ^ 1] {
            let mut bytes = signed.clone().into_bytes();
            bytes[at] = byte;
            let Ok(document) = Document::parse(&bytes, &Profile::MESSAGE) else { continue };
            if let Ok(same) = verify(document.root(), &keys) {
                assert_eq!(same.bytes(), ASSERTION.as_bytes());
                verified += 1;
            }
        }
    }
    assert!(verified > 0, "a space for a space at least");
}

/// Whatever element of the signature is left out, or written twice: it is refused (A23).
#[test]
fn no_element_can_be_left_out_or_repeated() {
    let signed = sign(ASSERTION, "_a");
    let tree = roxmltree::Document::parse(&signed).unwrap();
    let signature =
        tree.descendants().find(|node| node.has_tag_name((vestibule::xml::DS, "Signature")));
    let mut tried = 0;
    for element in signature.unwrap().descendants().filter(|node| node.is_element()) {
        let range = element.range();
        let without = format!("{}{}", &signed[..range.start], &signed[range.end..]);
        let twice = format!("{}{}", &signed[..range.end], &signed[range.start..]);
        for xml in [without, twice] {
            assert!(outcome(&xml, &["rsa"]).is_err(), "{xml}");
            tried += 1;
        }
    }
    assert_eq!(tried, 22);
}

#[test]
fn xml_comment_in_a_digest() {
    let signed = sign(ASSERTION, "_a");
    let commented = signed.replace("<ds:DigestValue>", "<ds:DigestValue><!-- x -->");
    let outcome = Document::parse(commented.as_bytes(), &Profile::MESSAGE);
    assert_eq!(outcome.err(), Some(XmlComment));
    // Also where comments are ignored: canonical form has none, so the digest is still whole.
    let document = Document::parse(commented.as_bytes(), &Profile::METADATA).unwrap();
    assert!(verify(document.root(), &[public_key("rsa")]).is_ok());
}
