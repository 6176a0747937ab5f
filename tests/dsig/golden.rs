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
