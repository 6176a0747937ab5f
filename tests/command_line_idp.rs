//! `vestibule idp add` and `vestibule idp check`, as they are run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod common;
mod support;

use std::collections::BTreeSet;
use std::process::Command;

use common::folder::Folder;
use serde_json::{Value, json};
use support::certificate;
use support::idps::{IDPS, filled, metadata};
use vestibule::saml::presets;

#[test]
fn every_preset_makes_a_document_that_is_usable() {
    let folder = Folder::new("presets");
    for name in IDPS {
        let preset = name.trim_end_matches("-old");
        folder.file(&format!("{name}.xml"), metadata(name));
        let (code, document, warnings) =
            folder.run(&format!("idp add {name}.xml --name {name} --preset {preset}"));
        assert_eq!(code, 0, "{name}: {warnings}");
        folder.file(&format!("{name}.json"), &document);
        let (code, report) = folder.json(&format!("idp check {name}.json --json"));
        assert_eq!((code, &report["usable"]), (0, &json!(true)), "{report}");
        assert_eq!(report["document"]["name"], json!(name));
        let attributes: Value =
            serde_json::from_str::<Value>(&document).unwrap()["attributes"].clone();
        assert_eq!(report["document"]["attributes"], attributes, "what is stored says all");
        assert!(!attributes["groups"].as_array().unwrap().is_empty(), "{name}");
    }
}

#[test]
fn add_writes_what_it_is_told() {
    let folder = Folder::new("add");
    let pem = filled("-----BEGIN CERTIFICATE-----\n@rsa:lines@\n-----END CERTIFICATE-----\n");
    folder.file("jumpcloud.xml", metadata("jumpcloud")).file("signs.pem", &pem);
    let (code, document) = folder.json(
        "idp add jumpcloud.xml --name JumpCloud --preset onelogin --groups-attribute groups \
         --email-attribute mail --email-attribute NameID --email-domain example.com \
         --sign-on https://sso.jumpcloud.com/saml2/intranet --legacy sha1 \
         --metadata-url https://sso.jumpcloud.com/metadata --metadata-key signs.pem",
    );
    assert_eq!(code, 0);
    let wanted = json!({
        "name": "JumpCloud",
        "metadata": metadata("jumpcloud"),
        "metadata_url": "https://sso.jumpcloud.com/metadata",
        "metadata_key": pem,
        "sign_on": { "redirect": "https://sso.jumpcloud.com/saml2/intranet" },
        "attributes": { "email": ["mail", "NameID"], "groups": ["groups"] },
        "email_domains": ["example.com"],
        "legacy": ["sha1"],
    });
    assert_eq!(document, wanted);
    let (_, plain) = folder.json("idp add jumpcloud.xml --name JumpCloud");
    assert_eq!(plain["attributes"], json!({ "email": ["NameID"], "groups": [] }));
}

#[test]
fn add_warns_and_refuses() {
    let folder = Folder::new("refused");
    let marked = format!("\u{FEFF}{}", metadata("okta"));
    let utf16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    folder
        .file("jumpcloud.xml", metadata("jumpcloud"))
        .file("page.html", "<!DOCTYPE html>")
        .file("utf16.xml", utf16);
    let (code, _, warnings) = folder.run("idp add jumpcloud.xml --name JumpCloud --legacy sha1");
    assert_eq!(code, 0);
    for warning in ["posted by a form", "carries groups", "SHA-1 is accepted"] {
        assert!(warnings.contains(warning), "{warnings}");
    }
    for (arguments, said) in [
        ("idp add nothing.xml --name x", "nothing.xml: "),
        ("idp add page.html --name x", "xml-doctype"),
        ("idp add utf16.xml --name x", "xml-encoding"),
        ("idp add jumpcloud.xml", "--name"),
        ("idp add jumpcloud.xml --name x --preset jump", "there are adfs, auth0, entra"),
        ("idp add jumpcloud.xml --name x --legacy md5", "md5"),
        ("idp add jumpcloud.xml --name x --entity-id other", "metadata-no-idp"),
        ("idp add jumpcloud.xml --name x --sign-on http://idp.example/", "url-refused"),
        ("idp add jumpcloud.xml --name x --metadata-url http://idp.example/", "url-refused"),
        ("idp add jumpcloud.xml --name x --metadata-key page.html", "--metadata-url"),
        ("idp add jumpcloud.xml --name ++", "say --id"),
        ("idp add jumpcloud.xml --name x --id A", "lower-case letters"),
        ("idp add http://idp.example/metadata --name x", "url-refused"),
        ("idp form jump", "there are adfs, auth0, entra"),
    ] {
        let (code, output, error) = folder.run(arguments);
        assert_eq!((code, output.as_str()), (2, ""), "{arguments}");
        assert!(error.contains(said), "{arguments}: {error}");
    }
}

#[test]
fn check_says_what_it_is() {
    let folder = Folder::new("check");
    folder.file("google.xml", metadata("google"));
    let (code, text, _) = folder.run("idp check google.xml --at 2026-11-25T12:00:00Z");
    assert_eq!(code, 0);
    let rsa = certificate("rsa").unwrap().fingerprint_hex();
    for line in [
        "Usable.",
        "  entity ID     https://accounts.google.com/o/saml2?idpid=C0example",
        "  sign-on       https://accounts.google.com/o/saml2/idp?idpid=C0example by redirect",
        "  valid until   2031-11-20T09:30:00Z",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    }
    assert!(text.contains("RSA, 2048 bits, until 21") && text.contains(&rsa), "{text}");
    assert!(!text.contains("Warning"), "{text}");

    let (code, report) = folder.json("idp check google.xml --at 2032-01-01T00:00:00+01:00 --json");
    assert_eq!(code, 0, "what has expired is used and warned about");
    assert_eq!(report["warnings"][0]["code"], "metadata-expired");
    assert_eq!(report["valid_until"], "2031-11-20T09:30:00Z");
    assert_eq!(report["keys"][0]["kind"], "RSA");
    assert_eq!(report["keys"][0]["bits"], 2048);
    assert_eq!(report["keys"][0]["sha256"], json!(rsa));
    assert_eq!(report["sign_on"]["binding"], "redirect");
    assert_eq!(report["document"], Value::Null);
    assert_eq!(report["signed_requests"], false);
    folder.file("keycloak.xml", metadata("keycloak"));
    let (_, report) = folder.json("idp check keycloak.xml --json");
    assert_eq!(report["signed_requests"], true, "WantAuthnRequestsSigned");
}

#[test]
fn check_warns() {
    let folder = Folder::new("warns");
    let document = |more: Value| {
        let mut document = json!({ "name": "x", "metadata": metadata("okta"),
            "attributes": { "groups": ["groups"] } });
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        document.to_string()
    };
    let end = certificate("rsa").unwrap().not_after;
    let at = |seconds: i64| {
        let time = chrono::DateTime::from_timestamp(end + seconds, 0).unwrap();
        time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    };
    let day = 86_400;
    let now = "2026-11-25T12:00:00Z".to_owned();
    for (more, at, codes) in [
        (json!({}), now.clone(), &[][..]),
        (json!({}), at(-30 * day - 1), &[]),
        (json!({}), at(-30 * day), &["certificate-expires"]),
        (json!({}), at(-1), &["certificate-expires"]),
        (json!({}), at(0), &["certificate-expired"]),
        (json!({}), "2001-01-01T00:00:00Z".to_owned(), &["certificate-not-yet"]),
        (json!({ "attributes": {} }), now.clone(), &["no-groups"]),
        (json!({ "metadata": metadata("jumpcloud") }), now.clone(), &["post-only"]),
        (json!({ "metadata": metadata("pingfederate") }), now.clone(), &["key-left-out"]),
        (
            json!({ "legacy": ["sha1", "inclusive-c14n", "cbc-signed-inside"] }),
            now,
            &["legacy-sha1", "legacy-inclusive-c14n", "legacy-cbc-signed-inside"],
        ),
    ] {
        folder.file("idp.json", document(more.clone()));
        let (code, report) = folder.json(&format!("idp check idp.json --json --at {at}"));
        assert_eq!(code, 0, "{report}");
        let found: Vec<_> = report["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|w| w["code"].as_str().unwrap())
            .collect();
        // The other certificate was made at another time.
        let found: Vec<_> = if codes.len() == 1 { found[..1].to_vec() } else { found };
        assert_eq!(found, codes, "{more} {at}");
        let (_, text, _) = folder.run(&format!("idp check idp.json --at {at}"));
        assert_eq!(text.contains("Warning: "), !codes.is_empty(), "{text}");
    }
}

#[test]
fn check_tells_how_a_proposal_is_taken() {
    let folder = Folder::new("proposal");
    let document = |key: Option<String>| {
        json!({ "name": "x", "metadata": metadata("okta"), "metadata_key": key,
            "metadata_url": "https://example.okta.com/metadata" })
        .to_string()
    };
    folder.file("loose.json", document(None)).file("pinned.json", document(Some(filled("@rsa@"))));
    let (_, loose, _) = folder.run("idp check loose.json");
    assert!(loose.contains("proposal/<id> > proposal.json"), "{loose}");
    let (_, pinned, _) = folder.run("idp check pinned.json");
    assert!(!pinned.contains("proposal"), "{pinned}");
    assert!(pinned.contains("from https://example.okta.com/metadata"), "{pinned}");
}

#[test]
fn check_says_no_and_why() {
    let folder = Folder::new("no");
    folder
        .file("no-key.xml", metadata("auth0").replace("use=\"signing\"", "use=\"encryption\""))
        .file("page.html", "<!DOCTYPE html><p>Sign in")
        .file("misspelt.json", json!({ "name": "x", "metadta": "" }).to_string())
        .file("empty.xml", "")
        .file("bytes.xml", [0xFF, 0xFE, b'<', 0]);
    for (file, refusal) in [
        ("no-key.xml", "no-key"),
        ("page.html", "xml-doctype"),
        ("misspelt.json", "idp-document-unusable"),
        ("empty.xml", "xml-malformed"),
        ("bytes.xml", "xml-encoding"),
    ] {
        let (code, report) = folder.json(&format!("idp check {file} --json"));
        assert_eq!((code, &report["usable"], &report["code"]), (1, &json!(false), &json!(refusal)));
        let (code, text, _) = folder.run(&format!("idp check {file}"));
        assert_eq!(code, 1);
        assert!(text.starts_with("Not usable. ") && text.contains(refusal), "{text}");
    }
    for arguments in ["idp check missing.xml", "idp check empty.xml --at yesterday", "idp check"] {
        let (code, output, error) = folder.run(arguments);
        assert_eq!((code, output.as_str()), (2, ""), "{arguments}");
        assert!(!error.is_empty());
    }
}

/// docs/identity-providers.md and docs/idp: what they tell people to type does what they say.
#[test]
fn the_commands_of_the_documents_work() {
    let folder = Folder::new("document");
    for name in IDPS {
        folder.file(&format!("{name}.xml"), metadata(name));
    }
    folder.file("other.xml", metadata("okta"));
    folder.file(
        "signs-metadata.pem",
        filled("-----BEGIN CERTIFICATE-----\n@rsa:lines@\n-----END CERTIFICATE-----\n"),
    );
    let mut pages = vec![support::path("../docs/identity-providers.md")];
    let others = std::fs::read_dir(support::path("../docs/idp")).unwrap();
    pages.extend(others.map(|page| page.unwrap().path()));
    let (mut presets, mut ran) = (BTreeSet::new(), 0);
    for page in pages {
        let blocks = std::fs::read_to_string(page).unwrap().replace("\\\n", "");
        for command in blocks.lines().filter(|line| line.trim().starts_with("vestibule ")) {
            let command = command.trim();
            // There is no store here: what would go there goes to a file.
            let here = command.replace(" --remote", " --out stored.json");
            let program = format!("'{}'", env!("CARGO_BIN_EXE_vestibule"));
            let line = here.replacen("vestibule", &program, 1);
            let shell =
                Command::new("sh").arg("-ec").arg(&line).current_dir(&folder.0).output().unwrap();
            let said = String::from_utf8_lossy(&shell.stderr).into_owned();
            assert!(shell.status.success(), "{command}: {said}");
            let mut words = here.split_whitespace();
            if words.any(|word| word == "--preset") {
                presets.insert(words.next().unwrap().to_owned());
            }
            let written = here.split("> ").nth(1).or(here.split("--out ").nth(1));
            if let Some(file) = written.and_then(|rest| rest.split_whitespace().next()) {
                let (code, report) = folder.json(&format!("idp check {file} --json"));
                assert_eq!(code, 0, "{command}: {report}");
            }
            ran += 1;
        }
    }
    assert!(ran >= 20, "{ran} commands");
    let known: BTreeSet<_> = presets::presets().into_keys().map(str::to_owned).collect();
    assert_eq!(presets, known, "every preset has its command");
}
