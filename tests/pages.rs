//! The pages that people see, in every language.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::Arc;

use vestibule::identity::Email;
use vestibule::pages::{self, Pages, STYLE};
use vestibule::policy::{Contact, Look};
use vestibule::records::Decided;
use vestibule::refusals::Refusal;
use vestibule::web_url::WebUrl;

const LANGUAGES: [&str; 2] = ["en", "de"];
/// Bytes of a page with its style sheet.
const PAGE: usize = 20 * 1024;
/// What an administrator says and a person need not know.
const JARGON: &[&str] = &[
    "xml",
    "saml",
    "assertion",
    "signature",
    "signatur",
    "metadata",
    "metadaten",
    "certificate",
    "zertifikat",
    "digest",
    "canonical",
    "base64",
    "nameid",
    "issuer",
    "audience",
    "recipient",
    "replay",
    "kv",
    "worker",
    "binding",
    "ledger",
    "token",
    "http",
    "acs",
    "csrf",
    "session",
];

fn refused(refusal: Refusal, decided: &Decided) -> pages::Refusal<'_> {
    pages::Refusal {
        refusal,
        detail: "The detail",
        stale: false,
        decided,
        host: "intranet.example.com",
        path: Some("/HR/payroll"),
        to: "/HR/payroll?month=5",
        reference: "0123456789ab",
        now: 1_800_000_000,
    }
}

fn page(refusal: Refusal, language: &str, person: Option<&str>) -> String {
    let person = person.map(str::to_owned);
    let decided = Decided { rule: Some("/HR/**".into()), person, ..Decided::default() };
    let look = Look { name: "Intranet".into(), ..Look::default() };
    Pages::new(Some(language), Arc::new(look)).refused(&refused(refusal, &decided))
}

/// The text of a page without its tags.
fn text(html: &str) -> String {
    let mut text = String::new();
    for piece in html.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, after)| after));
        text.push(' ');
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_refusal_is_told_in_words_of_the_person() {
    for language in LANGUAGES {
        for refusal in Refusal::ALL {
            for person in [None, Some("alice@example.com")] {
                let html = page(*refusal, language, person);
                let code = refusal.code();
                assert!(
                    html.contains(&format!("<html lang=\"{language}\" dir=\"ltr\">")),
                    "{code}"
                );
                assert!(html.len() + STYLE.len() < PAGE, "{code}: {}", html.len());
                let (for_person, for_administrator) = html.split_once("<details>").unwrap();
                let (_, for_person) = for_person.split_once("<main>").unwrap();
                let for_person = text(for_person);
                assert!(!for_person.contains(code), "{code}: {for_person}");
                let words = for_person.to_lowercase();
                let words: Vec<&str> = words.split(|c: char| !c.is_alphanumeric()).collect();
                for jargon in JARGON {
                    assert!(!words.contains(jargon), "{code} in {language}: {jargon}");
                }
                assert!(for_person.contains("0123456789ab"), "{code}");
                assert!(for_person.contains("intranet.example.com/HR/payroll"), "{code}");
                assert_eq!(for_person.contains("alice@example.com"), person.is_some(), "{code}");
                let for_administrator = text(for_administrator);
                for detail in [code, "2027-01-15 08:00 UTC", "/HR/**"] {
                    assert!(for_administrator.contains(detail), "{code}: {for_administrator}");
                }
            }
        }
    }
}

/// What is different to a person is told differently.
#[test]
fn no_two_kinds_of_trouble_read_alike() {
    let mut told = BTreeMap::new();
    for language in LANGUAGES {
        for refusal in Refusal::ALL {
            let html = page(*refusal, language, Some("alice@example.com"));
            let sentences: Vec<&str> = html.split("<p>").skip(1).take(2).collect();
            let heading = html.split("<h1>").nth(1).unwrap().split("</h1>").next().unwrap();
            assert!(sentences.len() == 2 && !heading.is_empty(), "{html}");
            told.entry(sentences.concat()).or_insert_with(Vec::new).push(refusal.code());
        }
    }
    assert!(told.len() >= 2 * 20, "{}", told.len());
}

#[test]
fn the_reason_of_a_rule_is_told_to_the_refused() {
    let (told, untold) = (Refusal::NotAllowed, Refusal::SignatureWrong);
    assert!(page(told, "en", Some("bob")).contains("The detail"));
    assert!(!page(untold, "en", Some("bob")).contains("The detail"));
}

/// The way on from a refusal leads back to the page that was asked for.
#[test]
fn ways_on() {
    let to = "%2FHR%2Fpayroll%3Fmonth%3D5";
    for (refusal, person, href) in [
        (Refusal::NotAllowed, Some("bob"), format!("/.access/login?to={to}&#38;switch=yes")),
        (Refusal::SignatureWrong, None, format!("/.access/login?to={to}")),
        (Refusal::PathBadEscape, None, "/".to_owned()),
        (Refusal::OriginUnreachable, Some("bob"), "/HR/payroll?month=5".to_owned()),
    ] {
        let html = page(refusal, "en", person);
        assert!(html.contains(&format!("<a class=\"button\" href=\"{href}\">")), "{html}");
    }
    assert!(!page(Refusal::NotAllowed, "en", None).contains("class=\"button\""));
}

#[test]
fn whom_to_ask() {
    let ask = |contact| {
        let look = Look { contact, ..Look::default() };
        let decided = Decided::default();
        Pages::new(Some("de"), Arc::new(look)).refused(&refused(Refusal::Denied, &decided))
    };
    let mail = Email::parse("o'neil+it?cc=x@example.com").unwrap();
    let page = ask(Some(Contact::Mail(mail)));
    let href = "mailto:o%27neil%2Bit%3Fcc%3Dx@example.com?subject=Referenz%200123456789ab";
    assert!(page.contains(&format!("<a href=\"{href}\">")), "{page}");
    let url = WebUrl::parse("https://help.example.com/new?a=1").unwrap();
    let page = ask(Some(Contact::Page(url)));
    assert!(page.contains("<a href=\"https://help.example.com/new?a=1\">help.example.com</a>"));
    assert!(ask(None).contains("Bitten Sie die Administration"));
}

#[test]
fn nothing_that_came_with_a_request_is_markup() {
    let evil = "<script>alert(1)</script>\"'&";
    let decided = Decided { person: Some(evil.into()), ..Decided::default() };
    let html = Pages::new(None, Arc::new(Look { name: evil.into(), ..Look::default() })).refused(
        &pages::Refusal {
            detail: evil,
            host: evil,
            path: Some(evil),
            to: evil,
            reference: evil,
            ..refused(Refusal::NotAllowed, &decided)
        },
    );
    assert!(!html.contains("<script") && !html.contains("\"'"), "{html}");
}
