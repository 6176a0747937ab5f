//! What the signature core refuses, each with its code, and the honest twins that it verifies.

mod support;

use support::*;
use vestibule::dsig::*;
use vestibule::refusals::Refusal::{self, *};
use vestibule::xml::{Document, Profile};

const ASSERTION: &str = r#"<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a"><saml:Issuer>https://idp.example</saml:Issuer><saml:NameID>a&amp;b@example.com</saml:NameID></saml:Assertion>"#;

fn parse(xml: &str) -> Document {
    Document::parse(xml.as_bytes(), &Profile::MESSAGE).unwrap_or_else(|r| panic!("{r}: {xml}"))
}

/// Verifies the root with these certificates' keys.
fn outcome(xml: &str, keys: &[&str]) -> Result<String, Refusal> {
    let keys: Vec<_> = keys.iter().map(|name| public_key(name)).collect();
    let document = parse(xml);
    let verified = verify(document.root(), &keys)?;
    Ok(String::from_utf8(verified.bytes().to_vec()).unwrap())
}

#[test]
fn every_algorithm_verifies_what_was_signed() {
    let cases = [
        ("rsa", RSA_SHA256, SHA256),
        ("rsa", RSA_SHA384, SHA384),
        ("rsa", RSA_SHA512, SHA512),
        ("rsa", RSA_SHA256, SHA512),
        ("p256", ECDSA_SHA256, SHA256),
        ("p384", ECDSA_SHA384, SHA384),
    ];
    for (key, method, digest_method) in cases {
        let signing = Signing { key, method, digest_method, ..Signing::default() };
        let signed = sign_with(ASSERTION, "_a", &signing);
        // Among other keys too, wherever the right one stands.
        for keys in [&[key][..], &["rsa-other", "p384", "p256", key], &[key, "rsa-other"]] {
            assert_eq!(outcome(&signed, keys).as_deref(), Ok(ASSERTION), "{method}");
        }
    }
}

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
fn signature_key_family() {
    let rsa = sign(ASSERTION, "_a");
    assert_eq!(outcome(&rsa, &["p256", "p384"]), Err(SignatureKeyFamily));
    let method = ECDSA_SHA256;
    let ec = sign_with(ASSERTION, "_a", &Signing { key: "p256", method, ..Signing::default() });
    assert_eq!(outcome(&ec, &["rsa", "p384"]), Err(SignatureKeyFamily));
    // The family of the name and that of the value differ.
    assert_eq!(outcome(&rsa.replace("rsa-sha256", "ecdsa-sha256"), &["p256"]), Err(SignatureWrong));
}

#[test]
fn no_key() {
    assert_eq!(outcome(&sign(ASSERTION, "_a"), &[]), Err(NoKey));
    assert_eq!(outcome(ASSERTION, &[]), Err(NoKey));
    assert_eq!(outcome(ASSERTION, &["rsa"]), Err(SignatureMissing));
}

/// Changes the template, signs it validly, and names the refusal.
fn check_templates(cases: &[(&str, &str, Refusal)]) {
    assert!(outcome(&sign(ASSERTION, "_a"), &["rsa"]).is_ok());
    for (from, to, refusal) in cases {
        let template = TEMPLATE.replacen(from, to, 1);
        assert_ne!(template, TEMPLATE, "{from} is not in the template");
        let signed = sign_with(ASSERTION, "_a", &Signing { template, ..Signing::default() });
        assert_eq!(outcome(&signed, &["rsa"]), Err(*refusal), "{to}");
    }
}

#[test]
fn signature_reference() {
    check_templates(&[
        (r##"URI="#{id}""##, r#"URI="""#, SignatureReference),
        (r##"URI="#{id}""##, "", SignatureReference),
        (r##"URI="#{id}""##, r##"URI="#""##, SignatureReference),
        (r##"URI="#{id}""##, r#"URI="{id}""#, SignatureReference),
        (r##"URI="#{id}""##, r##"URI="#{id} ""##, SignatureReference),
        (r##"URI="#{id}""##, r##"URI="#_A""##, SignatureReference),
        (r##"URI="#{id}""##, r##"URI="#xpointer(/)""##, SignatureReference),
        (r##"URI="#{id}""##, r##"URI="#xpointer(id('{id}'))""##, SignatureReference),
        (r##"URI="#{id}""##, r#"URI="http://idp.example/x""#, SignatureReference),
        (r##"URI="#{id}""##, r##"URI="http://idp.example/#{id}""##, SignatureReference),
        (r##"URI="#{id}""##, r#"URI="cid:{id}""#, SignatureReference),
        (r##"URI="#{id}""##, r##"URI="#{id}" Type="urn:x""##, SignatureShape),
        (r##"URI="#{id}""##, r##"xmlns:x="urn:x" x:URI="#{id}""##, SignatureShape),
    ]);
}

#[test]
fn signature_transform() {
    const ENVELOPED: &str =
        r#"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>"#;
    const EXCLUSIVE: &str =
        r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#;
    let xpath = format!(
        r#"{ENVELOPED}<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath></ds:Transform>"#
    );
    let both = format!("{ENVELOPED}{EXCLUSIVE}");
    let reordered = format!("{EXCLUSIVE}{ENVELOPED}");
    let three = format!("{EXCLUSIVE}{EXCLUSIVE}");
    let with =
        |algorithm: &str| EXCLUSIVE.replace("http://www.w3.org/2001/10/xml-exc-c14n#", algorithm);
    let many = EXCLUSIVE.repeat(500);
    check_templates(&[
        (&both, "", SignatureTransform),
        (&both, &reordered, SignatureTransform),
        (ENVELOPED, "", SignatureTransform),
        (EXCLUSIVE, "", SignatureTransform),
        (ENVELOPED, &xpath, SignatureTransform),
        (EXCLUSIVE, &three, SignatureTransform),
        (EXCLUSIVE, &many, SignatureTransform),
        (
            EXCLUSIVE,
            &with("http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
            SignatureTransform,
        ),
        (EXCLUSIVE, &with("http://www.w3.org/TR/2001/REC-xml-c14n-20010315"), SignatureTransform),
        (EXCLUSIVE, &with("http://www.w3.org/2006/12/xml-c14n11"), SignatureTransform),
        (EXCLUSIVE, &with("http://www.w3.org/2000/09/xmldsig#base64"), SignatureTransform),
        (EXCLUSIVE, &with("http://www.w3.org/TR/1999/REC-xslt-19991116"), SignatureTransform),
        (
            r#"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#,
            r#"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>"#,
            SignatureTransform,
        ),
        (
            r#"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#,
            r#"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#WithComments"/>"#,
            SignatureTransform,
        ),
    ]);
}

#[test]
fn signature_shape() {
    let reference = &TEMPLATE[TEMPLATE.find("<ds:Reference").unwrap()
        ..TEMPLATE.find("</ds:Reference>").unwrap() + "</ds:Reference>".len()];
    let info = &TEMPLATE[TEMPLATE.find("<ds:SignedInfo>").unwrap()
        ..TEMPLATE.find("</ds:SignedInfo>").unwrap() + "</ds:SignedInfo>".len()];
    let two_references = reference.repeat(2);
    let other_first = format!("{}{reference}", reference.replace("{id}", "_other"));
    let two_infos = info.repeat(2);
    let nested = info.replace("<ds:SignedInfo>", &format!("<ds:SignedInfo>{info}"));
    let object =
        format!("</ds:SignatureValue><ds:Object>{}</ds:Object>", ASSERTION.replace("_a", "_o"));
    let key_info = |inside: &str| format!("</ds:SignatureValue><ds:KeyInfo>{inside}</ds:KeyInfo>");
    let hidden = key_info(&ASSERTION.replace("_a", "_o"));
    let object_in_key_info = key_info("<ds:Object/>");
    let info_in_key_info = key_info(info);
    check_templates(&[
        (reference, &two_references, SignatureShape),
        (reference, &other_first, SignatureShape),
        (reference, "", SignatureShape),
        (info, &two_infos, SignatureShape),
        (info, &nested, SignatureShape),
        (info, "", SignatureShape),
        ("</ds:SignatureValue>", &object, SignatureShape),
        ("</ds:SignatureValue>", &hidden, SignatureShape),
        ("</ds:SignatureValue>", &object_in_key_info, SignatureShape),
        ("</ds:SignatureValue>", &info_in_key_info, SignatureShape),
        ("</ds:SignatureValue>", "</ds:SignatureValue><ds:SignatureValue/>", SignatureShape),
        ("<ds:SignatureValue>", "text<ds:SignatureValue>", SignatureShape),
        ("<ds:DigestValue>", "<ds:DigestValue><ds:x/>", SignatureShape),
        ("</ds:DigestValue>", "</ds:DigestValue><ds:DigestValue/>", SignatureShape),
        (
            r#"<ds:SignatureMethod Algorithm="{method}"/>"#,
            r#"<ds:SignatureMethod Algorithm="{method}"><ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>"#,
            SignatureShape,
        ),
        (r#"<ds:SignatureMethod Algorithm="{method}"/>"#, "", SignatureShape),
        (r#"<ds:SignatureMethod Algorithm="{method}"/>"#, "<ds:SignatureMethod/>", SignatureShape),
        (r#"<ds:DigestMethod Algorithm="{digest-method}"/>"#, "", SignatureShape),
        ("<ds:SignedInfo>", "<ds:SignedInfo foo='bar'>", SignatureShape),
        ("<ds:SignedInfo>", "<ds:SignedInfo>text", SignatureShape),
        ("{digest}</ds:DigestValue>", "</ds:DigestValue>", SignatureEncoding),
        ("{digest}</ds:DigestValue>", "AAAA</ds:DigestValue>", SignatureEncoding),
        ("{digest}</ds:DigestValue>", "{digest}=</ds:DigestValue>", SignatureEncoding),
    ]);
}

#[test]
fn signature_algorithm() {
    let method = "SignatureMethod Algorithm=\"{method}\"";
    let digest = "DigestMethod Algorithm=\"{digest-method}\"";
    let named = |element: &str, uri: &str| format!("{element} Algorithm=\"{uri}\"");
    let m = |uri| named("SignatureMethod", uri);
    let d = |uri| named("DigestMethod", uri);
    check_templates(&[
        (method, &m("http://www.w3.org/2000/09/xmldsig#rsa-sha1"), SignatureSha1),
        (method, &m("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1"), SignatureSha1),
        (method, &m("http://www.w3.org/2000/09/xmldsig#hmac-sha1"), SignatureAlgorithm),
        (method, &m("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"), SignatureAlgorithm),
        (method, &m("http://www.w3.org/2001/04/xmldsig-more#rsa-md5"), SignatureAlgorithm),
        (method, &m("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"), SignatureAlgorithm),
        (method, &m("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256 "), SignatureAlgorithm),
        (method, &m(""), SignatureAlgorithm),
        (digest, &d("http://www.w3.org/2000/09/xmldsig#sha1"), SignatureSha1),
        (digest, &d("http://www.w3.org/2001/04/xmldsig-more#md5"), SignatureAlgorithm),
    ]);
}

#[test]
fn a_key_info_is_tolerated_and_never_read() {
    let other = std::fs::read(path("keys/rsa-other.der")).unwrap();
    let other = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, other);
    for inside in [
        format!("<ds:X509Data>\n<ds:X509Certificate>{other}</ds:X509Certificate></ds:X509Data>"),
        "<ds:KeyName>x</ds:KeyName>".to_owned(),
        "<ds:RetrievalMethod URI='http://idp.example/'/>".to_owned(),
    ] {
        let key_info = format!("</ds:SignatureValue><ds:KeyInfo>{inside}</ds:KeyInfo>");
        let template = TEMPLATE.replace("</ds:SignatureValue>", &key_info);
        let good = Signing { template, ..Signing::default() };
        assert!(outcome(&sign_with(ASSERTION, "_a", &good), &["rsa"]).is_ok());
        let bad = Signing { key: "rsa-other", ..good };
        assert_eq!(outcome(&sign_with(ASSERTION, "_a", &bad), &["rsa"]), Err(SignatureWrong));
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

#[test]
fn certificates() {
    let plain = certificate("rsa").unwrap();
    assert!(plain.not_before < plain.not_after);
    for odd in ["serial-zero", "serial-negative", "signed-md5", "signed-sha1", "version-1"] {
        assert_eq!(certificate(odd).map(|c| c.key), Ok(plain.key.clone()), "{odd}");
    }
    for good in ["rsa-4096", "rsa-e3", "p256", "p384"] {
        assert!(certificate(good).is_ok(), "{good}");
    }
    assert_eq!(certificate("rsa-1024"), Err(KeyWeak));
    assert_eq!(certificate("p521"), Err(KeyUnsupported));
    assert_eq!(certificate("ed25519"), Err(KeyUnsupported));

    let der = std::fs::read(path("keys/rsa.der")).unwrap();
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &der);
    let wrapped = base64.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).unwrap());
    let wrapped = wrapped.collect::<Vec<_>>().join("\r\n        ");
    assert_eq!(Certificate::from_base64(&format!("\n{wrapped}\n")), Ok(plain));
    let more = [&der[..], &[0]].concat();
    for bad in [&der[1..], &der[..der.len() - 1], &more, &[]] {
        assert_eq!(Certificate::from_der(bad), Err(CertificateMalformed));
    }
    assert_eq!(Certificate::from_base64("not base64"), Err(CertificateMalformed));
}

#[test]
fn octets_of_a_signed_query() {
    let query = b"SAMLRequest=x&SigAlg=y";
    let keys = [public_key("rsa-other"), public_key("rsa"), public_key("p256")];
    let rsa = sign_octets("rsa", RSA_SHA256, query);
    let ec = sign_octets("p256", ECDSA_SHA256, query);
    assert_eq!(verify_octets(RSA_SHA256, query, &rsa, &keys), Ok(()));
    assert_eq!(verify_octets(ECDSA_SHA256, query, &ec, &keys), Ok(()));
    assert_eq!(verify_octets(RSA_SHA512, query, &rsa, &keys), Err(SignatureWrong));
    assert_eq!(verify_octets(RSA_SHA256, &query[1..], &rsa, &keys), Err(SignatureWrong));
    assert_eq!(verify_octets(ECDSA_SHA256, query, &ec[1..], &keys), Err(SignatureWrong));
    assert_eq!(verify_octets(ECDSA_SHA384, query, &ec, &keys), Err(SignatureKeyFamily));
    assert_eq!(verify_octets(RSA_SHA256, query, &rsa, &[]), Err(NoKey));
    assert_eq!(verify_octets("urn:x", query, &rsa, &keys), Err(SignatureAlgorithm));
}
