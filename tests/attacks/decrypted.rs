//! The same classes against a service provider that holds a key (A21 to A23).

use std::sync::LazyLock;

use vestibule::refusals::Refusal::{self, *};
use vestibule::saml::idp::IdentityProvider;

use super::markup::{attributes, changed, element, elements, inserted, replaced};
use super::support::encryption::{
    BEHIND, CBC128, CBC256, CIPHERS, Encryption, GCM128, GCM256, INSIDE, decrypted, sealed, wrapped,
};
use super::support::response::{HONEST, SHAPES, Signed, idp_with, signed};
use super::support::{Signing, sign, sign_with};
use super::tally::Tally;

static STRICT: LazyLock<IdentityProvider> = LazyLock::new(|| idp_with(serde_json::json!({})));
static LEGACY: LazyLock<IdentityProvider> =
    LazyLock::new(|| idp_with(serde_json::json!({ "legacy": ["cbc-signed-inside"] })));

fn refuse(tally: &mut Tally, idp: &IdentityProvider, name: &str, xml: &str, expected: Refusal) {
    tally.refused_for(name, decrypted(idp, xml), &[expected]);
}

fn accept(tally: &mut Tally, idp: &IdentityProvider, name: &str, xml: &str) {
    let honest = decrypted(idp, xml).is_ok_and(|it| it.subject.name_id == "alice@example.com");
    tally.accepted_if(name, honest);
}

/// Puts something else inside of an honest response that is not signed itself.
fn inside(how: &Encryption, octets: &str) -> String {
    replaced(HONEST, element(HONEST, "Assertion").whole, &how.seal(octets.as_bytes()))
}

pub fn a21_encrypted_is_not_signed(tally: &mut Tally) {
    for data in CIPHERS {
        let how = Encryption::with(data);
        // In CBC a refusal may not even tell whether there was a signature.
        let told = |refusal| if data.contains("cbc") { AssertionUndecipherable } else { refusal };
        for what in SHAPES {
            accept(tally, &LEGACY, data, &how.honest(what));
            let evil =
                changed(&how.honest(what), "ID=\"_response\"", "ID=\"_response\" Consent=\"x\"");
            match what {
                Signed::Assertion => accept(tally, &LEGACY, data, &evil),
                _ => refuse(tally, &LEGACY, data, &evil, DigestWrong),
            }
        }
        refuse(tally, &LEGACY, data, &how.honest(Signed::Nothing), told(SignatureMissing));
        let strictly = if data.contains("cbc") { EncryptionCbcUnsigned } else { SignatureMissing };
        refuse(tally, &STRICT, data, &how.honest(Signed::Nothing), strictly);

        let good = signed(HONEST, Signed::Assertion);
        let whole = good[element(&good, "Assertion").whole].to_owned();
        let bare = HONEST[element(HONEST, "Assertion").whole].to_owned();
        let other =
            sign_with(HONEST, "_assertion", &Signing { key: "rsa-other", ..Signing::default() });
        let other = other[element(&other, "Assertion").whole].to_owned();
        let wrapped = format!("{}{}", bare.replace("_assertion", "_evil"), whole);
        let within = inserted(
            &whole,
            whole.len() - "</saml:Assertion>".len(),
            &bare.replace("_assertion", "_evil"),
        );
        let again = how.seal(b"x").replace(" Id=\"_data\"", "").replace(" Id=\"_key\"", "");
        let nested = inserted(&whole, whole.len() - "</saml:Assertion>".len(), &again);
        for (name, octets, refusal) in [
            ("another key", other, SignatureWrong),
            ("changed after it was signed", changed(&whole, "alice@", "mallory@"), DigestWrong),
            (
                "another ID",
                changed(&whole, "ID=\"_assertion\"", "ID=\"_evil\""),
                SignatureReference,
            ),
            ("the ID of the response", bare.replace("_assertion", "_response"), IdDuplicate),
            ("the ID of the data", bare.replace("_assertion", "_data"), IdDuplicate),
            ("two assertions", wrapped, XmlMalformed),
            ("one in another", within, AssertionCount),
            ("encrypted once more", nested, AssertionCount),
            ("a response", good.clone(), IdDuplicate),
            ("a response with other IDs", good.replace("_response", "_r"), AssertionCount),
            ("another element", "<saml:NameID/>".to_owned(), AssertionCount),
            ("no element", "hello".to_owned(), XmlMalformed),
            ("nothing", String::new(), XmlMalformed),
            ("a document type", format!("<!DOCTYPE a>{whole}"), XmlDoctype),
            ("a comment", whole.replace("alice", "alice<!-- -->"), XmlComment),
            ("an instruction", whole.replace("alice", "alice<?a b?>"), XmlInstruction),
            ("CDATA", whole.replace("alice", "<![CDATA[alice]]>"), XmlCdata),
            ("another prefix", whole.replace("saml:Subject>", "s:Subject>"), XmlNamespace),
        ] {
            let name = format!("{data}: {name}");
            refuse(tally, &LEGACY, &name, &inside(&how, &octets), told(refusal));
            // Under the signature of the response as well, which is not the one that was wrong.
            let under = sign(&inside(&how, &octets), "_response");
            refuse(tally, &STRICT, &name, &under, refusal);
        }
        // What is inside has to be as honest as what is not encrypted.
        for (from, to, refusal) in [
            ("12:05:00Z", "11:05:00Z", Expired),
            (
                "<saml:Issuer>test idp</saml:Issuer><saml:Subject>",
                "<saml:Issuer>x</saml:Issuer><saml:Subject>",
                IssuerMismatch,
            ),
            ("InResponseTo=\"_request\"/>", "InResponseTo=\"_other\"/>", InResponseToMismatch),
            ("Audience>https", "Audience>http", AudienceMismatch),
        ] {
            for what in SHAPES {
                let xml = how.respond(&HONEST.replace(from, to), what);
                refuse(tally, &LEGACY, &format!("{data}: {to}"), &xml, refusal);
            }
        }
        // Signed as it was before it was encrypted: that signature covers something else.
        let before = how.hide(&signed(HONEST, Signed::Response));
        refuse(tally, &LEGACY, &format!("{data}: signed first"), &before, DigestWrong);
        // Beside an assertion, and twice (CVE-2026-2092).
        let evil = how.seal(bare.replace("alice@", "mallory@").as_bytes());
        let place = element(&good, "Assertion").whole;
        for at in [place.start, place.end] {
            refuse(
                tally,
                &LEGACY,
                &format!("{data}: beside"),
                &inserted(&good, at, &evil),
                AssertionCount,
            );
        }
        let twice = replaced(&good, place, &format!("{evil}{again}"));
        refuse(tally, &LEGACY, &format!("{data}: twice"), &twice, AssertionCount);
    }
}

pub fn a22_nothing_is_learned(tally: &mut Tally) {
    for data in [GCM128, GCM256] {
        let how = Encryption::with(data);
        accept(tally, &STRICT, data, &how.honest(Signed::Assertion));
        // All the tag, as xmlseclibs did not demand (CVE-2026-32313), and not a bit of it changed.
        let cuts: [fn(&mut Vec<u8>); 6] = [
            |octets| octets.truncate(octets.len() - 1),
            |octets| octets.truncate(octets.len() - 4),
            |octets| octets.truncate(octets.len() - 8),
            |octets| octets.truncate(octets.len() - 12),
            |octets| octets.truncate(octets.len() - 16),
            |octets| octets.push(0),
        ];
        let flips: [fn(&mut Vec<u8>); 4] = [
            |octets| octets[0] ^= 1,
            |octets| octets[12] ^= 1,
            |octets| *octets.last_mut().unwrap() ^= 1,
            |octets| octets.rotate_left(12),
        ];
        for spoil in cuts.into_iter().chain(flips) {
            let how = Encryption { spoil, ..how.clone() };
            refuse(tally, &STRICT, data, &how.honest(Signed::Assertion), AssertionUndecipherable);
            refuse(tally, &STRICT, data, &how.honest(Signed::Both), AssertionUndecipherable);
        }
    }
    for (data, other_length) in [(GCM128, 32), (GCM256, 16), (CBC128, 0), (CBC256, 1)] {
        let honest = Encryption::with(data);
        let length = honest.content_key.len();
        accept(tally, &LEGACY, data, &honest.honest(Signed::Assertion));
        let instead = |recipient, content_key| {
            base64(&wrapped(&Encryption { recipient, content_key, ..honest.clone() }))
        };
        for (name, key) in [
            ("a key of another length", instead("sp", vec![9; other_length])),
            ("for somebody else", instead("rsa-other", vec![9; length])),
            ("the key of another message", instead("sp", vec![8; length])),
            ("no key", String::new()),
            ("no base64", "!".to_owned()),
            ("too short", "AAAA".to_owned()),
            ("nobody's", base64(&[1; 256])),
            ("above the modulus", base64(&[255; 256])),
            ("too long", base64(&[1; 4096])),
        ] {
            // The data is encrypted with the right key; the key that comes with it is not that.
            let template = INSIDE.replace("{key}", &key);
            let xml = Encryption { template, ..honest.clone() }.honest(Signed::Assertion);
            let name = format!("{data}: {name}");
            refuse(tally, &LEGACY, &name, &xml, AssertionUndecipherable);
        }
    }
    // Called something else than it is: GCM as CBC would make an oracle of the very same key.
    for data in CIPHERS {
        for named in CIPHERS.into_iter().filter(|named| *named != data) {
            let template = INSIDE.replace("{data}", named);
            let how = Encryption { template, ..Encryption::with(data) };
            refuse(tally, &LEGACY, named, &how.honest(Signed::Assertion), AssertionUndecipherable);
            let strictly =
                if named.contains("cbc") { EncryptionCbcUnsigned } else { AssertionUndecipherable };
            refuse(tally, &STRICT, named, &how.honest(Signed::Assertion), strictly);
        }
    }
    oracles(tally);
}

/// Every byte of a CBC ciphertext changed: one answer, whatever it does to padding, XML or
/// signature. Under a signature of the response nothing is decrypted at all.
fn oracles(tally: &mut Tally) {
    for data in [CBC128, CBC256] {
        let how = Encryption {
            template: INSIDE.replace("{cipher}", "{cipher }"),
            ..Encryption::with(data)
        };
        let cipher = cipher_of(&Encryption::with(data), &signed(HONEST, Signed::Assertion));
        let around = how.honest(Signed::Assertion);
        let with = |octets: &[u8]| around.replace("{cipher }", &base64(octets));
        accept(tally, &LEGACY, data, &with(&cipher));
        let last = cipher.len() - 17;
        // The byte before the last block's padding takes every value: each padding there can be.
        let paddings = (1..=255).map(|change| (last, change));
        for (at, change) in (0..cipher.len()).step_by(7).map(|at| (at, 1)).chain(paddings) {
            let mut octets = cipher.clone();
            octets[at] ^= change;
            let outcome = decrypted(&LEGACY, &with(&octets));
            tally.refused_for(format!("{data}: {at}"), outcome, &[AssertionUndecipherable]);
        }
        let honest = Encryption::with(data).honest(Signed::Both);
        let at = honest.rfind("</xenc:CipherValue>").unwrap() - 8;
        let changed =
            replaced(&honest, at..at + 1, if &honest[at..=at] == "A" { "B" } else { "A" });
        refuse(tally, &LEGACY, "signed and changed", &changed, DigestWrong);
    }
}

pub fn a23_malformed_with_a_key(tally: &mut Tally) {
    for template in [INSIDE, BEHIND] {
        let how = Encryption { template: template.to_owned(), ..Encryption::with(GCM128) };
        let honest = how.honest(Signed::Assertion);
        accept(tally, &STRICT, "honest", &honest);
        let place = element(&honest, "EncryptedAssertion").whole;
        let whole = honest[place.clone()].to_owned();
        let mut try_one = |name: &str, sealed: &str| {
            let xml = replaced(&honest, place.clone(), sealed);
            match decrypted(&STRICT, &xml) {
                // Hints are not read, and an element need not be named nor described twice.
                Ok(accepted) if accepted.subject.name_id == "alice@example.com" => {
                    tally.harmless += 1
                }
                Ok(accepted) => panic!("{name}: {accepted:?}"),
                Err(_) => tally.refused += 1,
            }
        };
        for element in &elements(&whole)[1..] {
            try_one(&element.local, &replaced(&whole, element.whole.clone(), ""));
            try_one(
                &element.local,
                &inserted(&whole, element.whole.end, &whole[element.whole.clone()]),
            );
            try_one(&element.local, &inserted(&whole, element.whole.start, "x"));
            try_one(&element.local, &inserted(&whole, element.whole.end, "<a/>"));
            if let Some(inside) = &element.inside {
                try_one(&element.local, &replaced(&whole, inside.clone(), ""));
                try_one(&element.local, &inserted(&whole, inside.start, "<xenc:CipherData/>"));
            }
        }
        for attribute in attributes(&whole) {
            try_one(&attribute.name, &replaced(&whole, attribute.whole.clone(), ""));
            for value in ["", "x", "#", "#_data", "#_key", "_key"] {
                try_one(&attribute.name, &replaced(&whole, attribute.value.clone(), value));
            }
        }
    }
    let reference = |from: &str, to: &str, refusal| (changed(BEHIND, from, to), refusal);
    for (template, refusal) in [
        reference("URI=\"#_key\"", "URI=\"#_data\"", EncryptionShape),
        reference("URI=\"#_key\"", "URI=\"https://idp.example/key\"", EncryptionShape),
        reference("URI=\"#_key\"", "URI=\"\"", EncryptionShape),
        reference("URI=\"#_data\"", "URI=\"#_key\"", EncryptionShape),
        (
            INSIDE
                .replace("CipherValue>{cipher}</xenc:CipherValue>", "CipherReference URI=\"x\"/>"),
            EncryptionShape,
        ),
        (INSIDE.replace("#Element", "#Content"), EncryptionShape),
        (
            INSIDE.replace(
                "<ds:X509Data>",
                "<ds:RetrievalMethod URI=\"https://x.example\"/><ds:X509Data>",
            ),
            EncryptionShape,
        ),
        (INSIDE.replace("<ds:X509Data>", "<ds:Signature/><ds:X509Data>"), SignatureMisplaced),
        (
            INSIDE.replace(
                "</ds:KeyInfo><xenc:CipherData>",
                "<saml:Assertion/></ds:KeyInfo><xenc:CipherData>",
            ),
            AssertionCount,
        ),
    ] {
        let how = Encryption { template, ..Encryption::with(GCM256) };
        refuse(tally, &STRICT, &how.template, &how.honest(Signed::Assertion), refusal);
        // Signed by the identity provider it is no better.
        refuse(tally, &STRICT, &how.template, &how.honest(Signed::Both), refusal);
    }
    for data in CIPHERS {
        for length in [0, 1, 11, 12, 15, 16, 17, 27, 28, 29, 31, 32, 33, 47, 48] {
            let template = INSIDE.replace("{cipher}", &base64(&vec![1; length]));
            let how = Encryption { template, ..Encryption::with(data) };
            let name = format!("{data}: {length}");
            refuse(tally, &LEGACY, &name, &how.honest(Signed::Assertion), AssertionUndecipherable);
            let under = how.honest(Signed::Both);
            let expected = [AssertionUndecipherable, XmlEncoding, XmlMalformed];
            tally.refused_for(&name, decrypted(&STRICT, &under), &expected);
        }
    }
    tally.accepted_if(
        "limits tries",
        sealed(&LEGACY, &Encryption::with(CBC128).honest(Signed::Assertion))
            .unwrap()
            .is_malleable(),
    );
}

fn base64(octets: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(octets)
}

fn cipher_of(how: &Encryption, xml: &str) -> Vec<u8> {
    use base64::Engine;
    let sealed = Encryption { template: "{cipher}".to_owned(), ..how.clone() };
    let assertion = &xml[element(xml, "Assertion").whole];
    base64::engine::general_purpose::STANDARD.decode(sealed.seal(assertion.as_bytes())).unwrap()
}
