//! What `vestibule idp` says of the identity provider's side, and where it takes metadata from.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod common;
mod support;

use std::io::{Read, Write};
use std::net::TcpListener;

use common::folder::Folder;
use serde_json::{Value, json};
use support::idps::metadata;
use vestibule::limits;
use vestibule::saml::presets::presets;

/// For every preset: the form has our addresses in it, nothing stays unfilled, and what is to be
/// typed for attributes is what the document reads.
#[test]
fn every_preset_says_what_goes_into_its_form() {
    let folder = Folder::new("forms");
    for (name, preset) in presets() {
        let (code, guide) = folder.json(&format!("idp form {name} --host app.example.com --json"));
        assert_eq!((code, &guide["name"]), (0, &json!(preset.name)));
        assert_eq!(guide["forms"].as_array().unwrap().len(), 1, "{name}");
        assert_eq!(guide["forms"][0]["base"], "https://app.example.com");
        let fields = guide["forms"][0]["fields"].as_array().unwrap();
        let all = format!("{} {}", guide["forms"][0]["open"], Value::from(fields.clone()));
        assert!(all.contains("https://app.example.com/.access/metadata"), "{name}: {all}");
        // Shibboleth finds it in our metadata.
        let acs = all.contains("https://app.example.com/.access/acs");
        assert!(acs || name == "shibboleth", "{name}: {all}");
        for left in ["{acs", "{entity_id}", "{base}", "{groups}", "{email}"] {
            assert!(!all.contains(left), "{name}: {left}");
        }
        assert!(guide["traps"].as_array().unwrap().len() >= 2, "{name}");
        // AD FS has its attributes by fixed names, chosen in its claim rules.
        let groups = &preset.attributes.groups[0];
        let fixed = ["adfs", "entra"].contains(&name);
        assert!(fixed || all.contains(groups.as_str()), "{name} sends groups as {groups}");

        let (code, text, _) = folder.run(&format!("idp form {name} --host localhost:8787"));
        assert_eq!(code, 0);
        assert!(text.contains("http://localhost:8787/.access/metadata"), "{text}");
        for trap in &preset.traps {
            assert!(text.contains(trap), "{name}: {trap}");
        }
    }
}

#[test]
fn the_form_is_filled_for_the_hosts_of_policies_that_name_it() {
    let folder = Folder::new("hosts");
    std::fs::create_dir_all(folder.0.join("policies")).unwrap();
    let policy = |hosts: &str, idp: &str| {
        format!(r#"{{"name":"x","hosts":[{hosts}],"sign_in":{{"idps":["{idp}"]}},"rules":[]}}"#)
    };
    folder
        .file("policies/a.json", policy(r#""a.example.com", "b.example.com""#, "okta"))
        .file("policies/c.json", policy(r#""c.example.com""#, "google"))
        .file("policies/broken.json", "{")
        .file("okta.xml", metadata("okta"));
    let (_, guide) = folder.json("idp form okta --json");
    let bases: Vec<_> = guide["forms"].as_array().unwrap().iter().map(|f| &f["base"]).collect();
    assert_eq!(bases, ["https://a.example.com", "https://b.example.com"]);
    let (_, text, _) = folder.run("idp form okta");
    assert!(text.contains("Once more for each of https://b.example.com."), "{text}");
    let auth_host = r#"{"idps":["entra"],"auth_host":"auth.example.com"}"#;
    folder.file(
        "policies/d.json",
        policy(r#""d.example.com", "e.example.com""#, "x").replace(r#"{"idps":["x"]}"#, auth_host),
    );
    let (_, guide) = folder.json("idp form entra --json");
    let bases: Vec<_> = guide["forms"].as_array().unwrap().iter().map(|f| &f["base"]).collect();
    assert_eq!(bases, ["https://auth.example.com"], "where the ACS of both is");
    let (_, text, _) = folder.run("idp form onelogin");
    assert!(text.contains("say --host") && text.contains(r"^https://app\.example\.com/"), "{text}");

    // What `add` says goes by the names that were chosen.
    let add = "idp add okta.xml --preset okta --groups-attribute teams --out okta.json";
    let (code, text, _) = folder.run(add);
    assert_eq!(code, 0);
    for part in [
        "Usable.",
        "https://a.example.com/.access/acs",
        "teams, Unspecified",
        "Written: okta.json. A policy names it in sign_in.idps as \"okta\".",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let (_, all) = folder.json(&format!("{add} --json"));
    assert_eq!(all["stored"], "okta.json");
    assert_eq!(all["document"]["name"], "Okta");
    assert_eq!(all["check"]["usable"], true);
    assert_eq!(all["guide"]["forms"][1]["base"], "https://b.example.com");
    let (_, text, _) = folder.run("idp add okta.xml --name x --out okta.json");
    assert!(text.contains("This looks like Okta: there is --preset okta."), "{text}");
    let (_, text, _) = folder.run("idp add okta.xml --preset google --out okta.json");
    assert!(text.contains("This looks like Okta: there is --preset okta."), "{text}");
}

/// Answers requests one after another, each with one of these, and gives its address.
fn serve(answers: Vec<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = [0; 4096];
            let read = stream.read(&mut head).unwrap();
            assert!(head[..read].starts_with(b"GET /"));
            // Whoever has read enough hangs up.
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    at
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    )
}

#[test]
fn metadata_is_fetched_from_its_host_only_and_no_more_than_fits() {
    let folder = Folder::new("fetched");
    let okta = metadata("okta");
    let good = || answer("200 OK", "", &okta);
    let to = |location: &str| answer("302 Found", &format!("location: {location}\r\n"), "");
    let large = format!("{okta}{}", " ".repeat(limits::METADATA));

    let at = serve(vec![to("/app/metadata"), good()]);
    let (code, document) = folder.json(&format!("idp add {at}/metadata --preset okta"));
    assert_eq!(code, 0);
    assert_eq!(document["metadata"], json!(okta));
    assert_eq!(document["metadata_url"], json!(format!("{at}/metadata")));
    let at = serve(vec![good()]);
    let (_, document) = folder.json(&format!("idp add {at}/ --preset okta --once"));
    assert_eq!(document["metadata_url"], Value::Null);

    let elsewhere = serve(vec![good()]);
    for (answers, said) in [
        (vec![to(&format!("{elsewhere}/metadata"))], "url-refused"),
        (vec![to("https://idp.example/metadata")], "url-refused"),
        (vec![to("/a"), to("/b"), to("/c"), to("/d")], "more than 3 redirects"),
        (vec![answer("404 Not Found", "", "")], "answers with 404"),
        (vec![answer("200 OK", "", &large)], "limit"),
        (vec![answer("200 OK", "", "<!DOCTYPE html>")], "xml-doctype"),
        (vec!["nonsense".to_owned()], "http"),
    ] {
        let at = serve(answers);
        let (code, output, error) = folder.run(&format!("idp add {at}/ --preset okta"));
        assert_eq!((code, output.as_str()), (2, ""), "{said}");
        assert!(error.to_lowercase().contains(said), "{said}: {error}");
    }
}
