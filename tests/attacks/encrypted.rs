//! Encrypted assertions (A21 to A23) at a service provider without a key: each is refused before
//! anything of it is read, and always with the same code.

use vestibule::refusals::Refusal::*;

use super::markup::{element, elements, inserted, replaced};
use super::shapes::{Shape, all, plain};
use super::tally::Tally;

const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";

/// As anybody can make one, with our public key.
fn sealed(data: &str, transport: &str, cipher: &str) -> String {
    format!(
        concat!(
            r#"<saml:EncryptedAssertion xmlns:xenc="{XENC}">"#,
            r#"<xenc:EncryptedData Type="{XENC}Element"><xenc:EncryptionMethod Algorithm="{data}"/>"#,
            r#"<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey>"#,
            r#"<xenc:EncryptionMethod Algorithm="{transport}"/>"#,
            r#"<xenc:CipherData><xenc:CipherValue>AAAA</xenc:CipherValue></xenc:CipherData>"#,
            r#"</xenc:EncryptedKey></ds:KeyInfo>"#,
            r#"<xenc:CipherData><xenc:CipherValue>{cipher}</xenc:CipherValue></xenc:CipherData>"#,
            r#"</xenc:EncryptedData></saml:EncryptedAssertion>"#,
        ),
        XENC = XENC,
        data = data,
        transport = transport,
        cipher = cipher
    )
}

const GCM: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
const OAEP: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";

/// In place of the assertion, as a response that is not signed.
fn instead(shape: &Shape, sealed: &str) -> String {
    replaced(&shape.unsigned, element(&shape.unsigned, "Assertion").whole, sealed)
}

pub fn a21_unsigned_encrypted(tally: &mut Tally) {
    for shape in all() {
        tally.accept(&shape.name, &shape.good, shape);
        let sealed = sealed(GCM, OAEP, "AAAA");
        tally.refuse(&shape.name, &instead(shape, &sealed), AssertionEncrypted);
        let signed = super::support::sign(&instead(shape, &sealed), "_response");
        tally.refuse(format!("{}: signed around it", shape.name), &signed, AssertionEncrypted);
        // Beside an assertion: which of them would count (CVE-2026-2092)?
        let assertion = element(&shape.good, "Assertion").whole;
        for at in [assertion.start, assertion.end, element(&shape.good, "Subject").whole.end] {
            let xml = inserted(&shape.good, at, &sealed);
            tally.refuse(format!("{}: beside", shape.name), &xml, AssertionCount);
        }
        let two = instead(shape, &sealed.repeat(2));
        tally.refuse(format!("{}: twice", shape.name), &two, AssertionCount);
        for (from, to) in [("NameID", "EncryptedID"), ("Attribute", "EncryptedAttribute")] {
            let xml = shape.unsigned.replace(&format!("{from} "), &format!("{to} "));
            let xml = xml.replace(&format!("{from}>"), &format!("{to}>"));
            tally.refuse(format!("{}: {to}", shape.name), &shape.sign(&xml), SamlUnexpected);
        }
    }
}

pub fn a22_decryption_oracles(tally: &mut Tally) {
    for shape in plain() {
        tally.accept(&shape.name, &shape.good, shape);
        for data in [GCM, "aes128-cbc", "aes256-cbc", "tripledes-cbc", "x", ""] {
            for transport in [OAEP, "rsa-1_5", "kw-aes128", "dh", ""] {
                for cipher in ["", "AAAA", "AAAAAAAAAAAAAAAAAAAAAA==", "A", "!"] {
                    let data =
                        if data.contains(':') { data.to_owned() } else { format!("{XENC}{data}") };
                    let xml = instead(shape, &sealed(&data, transport, cipher));
                    let name = format!("{}: {data}, {transport}, {cipher}", shape.name);
                    tally.refuse(name, &xml, AssertionEncrypted);
                }
            }
        }
    }
}

pub fn a23_malformed_encrypted(tally: &mut Tally) {
    for shape in plain() {
        tally.accept(&shape.name, &shape.good, shape);
        let whole = sealed(GCM, OAEP, "AAAA");
        let all = elements(&whole);
        for element in &all[1..] {
            let without = replaced(&whole, element.whole.clone(), "");
            let twice = inserted(&whole, element.whole.end, &whole[element.whole.clone()]);
            for xml in [without, twice] {
                let name = format!("{}: {}", shape.name, element.local);
                tally.refuse(name, &instead(shape, &xml), AssertionEncrypted);
            }
        }
        for inside in ["", "x", "<x/>", "<saml:NameID/>"] {
            let xml = instead(
                shape,
                &format!("<saml:EncryptedAssertion>{inside}</saml:EncryptedAssertion>"),
            );
            tally.refuse(format!("{}: {inside}", shape.name), &xml, AssertionEncrypted);
        }
    }
}
