//! What xmlsec1 signed, verifies.

use super::*;

#[test]
fn what_xmlsec1_signed_verifies() {
    for name in ["rsa-sha256", "rsa-sha384", "rsa-sha512", "p256-sha256", "p384-sha384"] {
        let xml = std::fs::read_to_string(path(&format!("golden/signed/{name}.xml"))).unwrap();
        let key = name.split('-').next().unwrap();
        let outcome = |xml: &str| {
            let document = parse(xml);
            let assertion = document.root().children().next().unwrap();
            verify(assertion, &[public_key("rsa-other"), public_key(key)]).map(drop)
        };
        assert_eq!(outcome(&xml), Ok(()), "{name}");
        assert_eq!(outcome(&xml.replace("R&amp;D", "HR")), Err(DigestWrong), "{name}");
        let respaced = xml.replace("</ds:Transforms>", "</ds:Transforms> ");
        assert_eq!(outcome(&respaced), Err(SignatureWrong), "{name}");
    }
}

/// Weak, and so accepted only where it is allowed, each by itself (SEC-15, SEC-17).
#[test]
fn what_is_weak_verifies_only_where_it_is_allowed() {
    let none = Tolerance::default();
    let (sha1, inclusive) =
        (Tolerance { sha1: true, ..none }, Tolerance { inclusive: true, ..none });
    for (name, allowed, other, refusal) in [
        ("rsa-sha1", sha1, inclusive, SignatureSha1),
        ("rsa-inclusive", inclusive, sha1, SignatureTransform),
    ] {
        let xml = std::fs::read_to_string(path(&format!("golden/signed/{name}.xml"))).unwrap();
        let outcome = |xml: &str, tolerance| {
            let document = parse(xml);
            let assertion = document.root().children().next().unwrap();
            verify_within(assertion, &[public_key("rsa")], tolerance, &Profile::MESSAGE).map(drop)
        };
        assert_eq!(outcome(&xml, allowed), Ok(()), "{name}");
        assert_eq!(outcome(&xml, none), Err(refusal), "{name}");
        assert_eq!(outcome(&xml, other), Err(refusal), "{name}");
        assert_eq!(outcome(&xml.replace("R&amp;D", "HR"), allowed), Err(DigestWrong), "{name}");
        let respaced = xml.replace("</ds:Transforms>", "</ds:Transforms> ");
        assert_eq!(outcome(&respaced, allowed), Err(SignatureWrong), "{name}");
    }
    let inherited = std::fs::read_to_string(path("golden/signed/rsa-inclusive.xml")).unwrap();
    let inherited = inherited.replacen("ID=\"_r\"", "ID=\"_r\" xml:lang=\"en\"", 1);
    let document = parse(&inherited);
    let assertion = document.root().children().next().unwrap();
    let verified = verify_within(assertion, &[public_key("rsa")], inclusive, &Profile::MESSAGE);
    assert_eq!(verified.err(), Some(SignatureTransform));
}
