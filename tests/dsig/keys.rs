//! Keys, certificates and algorithms.

use super::*;

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

/// A number with needless zeros is not DER (X.690 8.3.2), which the parser may find first.
fn weak_or_not_der(read: Result<(), vestibule::refusals::Refusal>) -> bool {
    matches!(read, Err(KeyWeak | CertificateMalformed))
}

#[test]
fn key_weak() {
    let der = std::fs::read(path("keys/rsa.der")).unwrap();
    let exponent = der.windows(5).position(|five| five == [2, 3, 1, 0, 1]).unwrap();
    let with = |at: usize, bytes: &[u8]| {
        let mut der = der.clone();
        der[at..at + bytes.len()].copy_from_slice(bytes);
        Certificate::from_der(&der).map(drop)
    };
    assert_eq!(with(exponent + 2, &[1, 0, 1]), Ok(()));
    assert_eq!(with(exponent + 2, &[1, 0, 0]), Err(KeyWeak), "an even exponent");
    assert!(weak_or_not_der(with(exponent + 2, &[0, 0, 1])), "one");
    assert!(weak_or_not_der(with(exponent + 2, &[0, 0, 0])), "nothing");
    assert_eq!(with(exponent - 1, &[der[exponent - 1] ^ 1]), Err(KeyWeak), "an even modulus");
    // The modulus begins with a zero byte; a second one makes it 8 bits shorter.
    assert!(weak_or_not_der(with(exponent - 256, &[0])), "2040 bits");
}
