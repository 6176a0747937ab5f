//! Seeds for the fuzz targets: what the tests know to be honest, and some that is not.
//!
//! `cargo test --test seeds -- --ignored` writes them to `fuzz/corpus/`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod support;

use std::fs;

use support::encryption::{BEHIND, CIPHERS, Encryption, INSIDE};
use support::path;
use support::response::{HONEST, SHAPES, idp_json, signed};

#[test]
#[ignore = "writes files"]
fn write() {
    let seed = |target: &str, number: usize, bytes: &[u8]| {
        let folder = path(&format!("../fuzz/corpus/{target}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("seed-{number}")), bytes).unwrap();
    };
    let mut xml: Vec<String> = SHAPES.iter().map(|shape| signed(HONEST, *shape)).collect();
    for file in fs::read_dir(path("golden/signed")).unwrap() {
        xml.push(fs::read_to_string(file.unwrap().path()).unwrap());
    }
    for (number, data) in CIPHERS.into_iter().enumerate() {
        let template = if number % 2 == 0 { INSIDE } else { BEHIND }.to_owned();
        let how = Encryption { template, ..Encryption::with(data) };
        let sealed = how.seal(b"<a/>");
        let markup = &sealed[sealed.find('>').unwrap() + 1..sealed.rfind('<').unwrap()];
        seed("encrypted", number, markup.as_bytes());
    }
    let plain = HONEST[HONEST.find("<saml:Assertion").unwrap()..].replace("</samlp:Response>", "");
    seed("encrypted", CIPHERS.len(), plain.as_bytes());
    for (number, text) in xml.iter().enumerate() {
        for target in ["reader", "c14n", "response"] {
            seed(target, number, text.as_bytes());
        }
    }
    let inside = HONEST.split_once("<saml:Subject>").unwrap().1;
    let inside = inside.split_once("</saml:Assertion>").unwrap().0;
    seed("inside", 0, format!("<saml:Subject>{inside}").as_bytes());
    for (number, keys) in [&["rsa"][..], &["p256", "p384"], &["rsa-4096"]].iter().enumerate() {
        let document: serde_json::Value = serde_json::from_str(&idp_json(keys)).unwrap();
        seed("metadata", number, document["metadata"].as_str().unwrap().as_bytes());
    }
    let certificates = fs::read_dir(path("keys")).unwrap().map(|file| file.unwrap().path());
    for (number, file) in certificates.filter(|f| f.extension().unwrap() == "der").enumerate() {
        seed("certificate", number, &fs::read(file).unwrap());
    }
    let form = "SAMLResponse=PHg%2BPC94Pg%3D%3D&RelayState=abc";
    let query =
        "SAMLRequest=s6nITSzOsK2oyFFIyS8vTs1JtVUCAA%3D%3D&RelayState=x&SigAlg=a&Signature=eA%3D%3D";
    for (number, text) in [form, query].iter().enumerate() {
        seed("messages", number, text.as_bytes());
    }
    for (number, text) in
        ["/HR/../IT", "/%48R//x;a/..%2f", "/a?b=c#d", "/\\..\\%255c"].iter().enumerate()
    {
        seed("path", number, text.as_bytes());
    }
    seed("policy", 0, &fs::read(path("../policies/intranet.json")).unwrap());
}
