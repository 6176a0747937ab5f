//! Every line of the log has the shape that `schemas/record.schema.json` publishes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vestibule::gate::Refused;
use vestibule::policy::{Policy, Reported, Verdict};
use vestibule::records::{
    Candidate, Collected, Decided, Decision, Ended, EndedBy, Event, HandedOver, Issued, Level,
    Refreshed, Request, SignedIn,
};
use vestibule::refusals::Refusal;
use vestibule::saml::idp::Legacy;

const NOW: i64 = 1_795_000_000;
const REQUEST: Request<'_> =
    Request { ray: Some("8f0c1d2e3a4b5c6d-FRA"), host: "app.example", method: "GET", path: "/HR" };

fn schema() -> Value {
    serde_json::from_str(include_str!("../schemas/record.schema.json")).unwrap()
}

fn decided() -> Decided {
    Decided {
        rule: Some("/HR/**".into()),
        person: Some("alice@example.com".into()),
        idp: Some("jumpcloud".into()),
        groups: Some(vec!["HR".into()]),
        release: Some(3),
        digest: Some("0".repeat(64)),
        reported: Some(Reported { verdict: Verdict::Deny, rule: None }),
        candidate: Some(Candidate { verdict: Verdict::SignIn, rule: None, release: None }),
        groups_untold: Some(40),
    }
}

/// Does something with one event of each kind, with all members and with as few as possible.
fn for_each_event(mut look: impl FnMut(&Event<'_>)) {
    let bare = Request { ray: None, ..REQUEST };
    for (request, decided) in [(REQUEST, decided()), (bare, Decided::default())] {
        let decision = Decision { request, decided: &decided };
        look(&Event::Allowed(decision));
        look(&Event::SignIn(decision));
        let refused = Refused { decided: Box::new(decided.clone()), ..Refusal::NotAllowed.into() };
        look(&refused.event("0123456789ab", request));
        for answers in [Some("_request".to_owned()), None] {
            let (person, idp) = ("alice@example.com".to_owned(), "jumpcloud".to_owned());
            let groups_dropped = answers.as_ref().map(|_| 40);
            let assertion = "_assertion".to_owned();
            let signed_in = SignedIn { person, idp, assertion, answers, groups_dropped };
            look(&Event::SignedIn { request, signed_in: &signed_in });
        }
        let (person, idp) = ("alice@example.com".to_owned(), "jumpcloud".to_owned());
        let (to, auth_host) = ("app.example".to_owned(), "auth.example".to_owned());
        let handed_over = HandedOver { person: person.clone(), idp: idp.clone(), to };
        look(&Event::HandedOver { request, handed_over: &handed_over });
        let issued = Issued { person: person.clone(), idp: idp.clone(), until: NOW };
        look(&Event::TokenIssued { request, issued: &issued });
        let collected = Collected { person, idp, auth_host, groups_dropped: Some(40) };
        look(&Event::Collected { request, collected: &collected });
        for by in [EndedBy::Person, EndedBy::IdentityProvider] {
            let (person, idp) = ("alice@example.com".to_owned(), "jumpcloud".to_owned());
            look(&Event::SignedOut { request, ended: &Ended { person, idp, by } });
        }
    }
    let (host, idp) = ("app.example", "jumpcloud");
    let policy = json!({
        "name": "A", "hosts": ["app.example"], "sign_in": { "idps": ["jumpcloud"] }, "rules": [],
        "release": { "number": 3, "digest": "0".repeat(64), "author": "admin",
            "time": "2026-11-24T00:00:00Z", "note": "N" },
    });
    let policy = Policy::from_json(&policy.to_string()).unwrap();
    look(&Event::ReleaseSeen { host, release: policy.release().map(Into::into) });
    look(&Event::ReleaseSeen { host, release: None });
    look(&Event::RevocationSeen { whose: "alice@example.com", at: NOW });
    look(&Event::Keys { seal: vec!["0123abcd".into()], sign: vec!["kid"] });
    look(&Event::LastGoodKept { host, code: Refusal::StoreUnavailable.code(), detail: "CONFIG" });
    look(&Event::Unusable { host, key: "candidate/app.example", detail: "hosts" });
    let legacy = BTreeSet::from([Legacy::Sha1, Legacy::InclusiveC14n, Legacy::CbcSignedInside]);
    look(&Event::LegacyAccepted { host, idp, legacy: &legacy });
    let changes = &["another key".to_owned()];
    let code = Refusal::MetadataUnreachable.code();
    for outcome in [
        Refreshed::Unchanged,
        Refreshed::Taken { changes },
        Refreshed::Proposed { changes },
        Refreshed::Failed { code, detail: "status 500" },
    ] {
        look(&Event::IdpRefresh { idp, outcome });
    }
    look(&Event::IdpWarning { idp, code: "certificate-ends-soon", detail: "in 20 days" });
    look(&Event::Fault { what: "origin", detail: "network \"lost\"\n" });
}

#[test]
fn every_event_has_the_shape_that_is_published_and_no_other_is_published() {
    let schema = schema();
    let whole = jsonschema::validator_for(&schema).unwrap();
    let mut seen = BTreeSet::new();
    for_each_event(|event| {
        let line = event.line(NOW).unwrap();
        assert!(!line.contains('\n'), "{line}");
        let record: Value = serde_json::from_str(&line).unwrap();
        let name = record["event"].as_str().unwrap().to_owned();
        let mut one = schema.clone();
        one["oneOf"] = json!([{ "$ref": format!("#/$defs/{name}") }]);
        let of_its_name = jsonschema::validator_for(&one).unwrap();
        assert!(of_its_name.is_valid(&record) && whole.is_valid(&record), "{line}");
        let more = {
            let mut record = record.clone();
            record["query"] = "token=swordfish".into();
            record
        };
        assert!(!whole.is_valid(&more), "{more}");
        seen.insert(name);
    });
    let published = schema["oneOf"].as_array().unwrap().iter();
    let name = |one: &Value| one["$ref"].as_str().unwrap().replace("#/$defs/", "");
    assert_eq!(seen, published.map(name).collect());
}

#[test]
fn the_page_on_records_shows_a_line_and_names_every_event_and_member() {
    let page = include_str!("../docs/records.md");
    let schema = schema();
    let line = page.lines().find(|line| line.starts_with('{')).unwrap();
    let record = serde_json::from_str(line).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&record), "{line}");
    for event in schema["oneOf"].as_array().unwrap() {
        let name = event["$ref"].as_str().unwrap().replace("#/$defs/", "");
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
    for event in ["allowed", "refused", "signed-in"] {
        for member in schema["$defs"][event]["properties"].as_object().unwrap().keys() {
            assert!(member == "event" || page.contains(&format!("`{member}`")), "{member}");
        }
    }
}

#[test]
fn a_line_reads_like_this() {
    let decided =
        Decided { reported: None, candidate: None, digest: None, groups_untold: None, ..decided() };
    let event = Event::Allowed(Decision { request: REQUEST, decided: &decided });
    assert_eq!(
        event.line(NOW).unwrap(),
        concat!(
            r#"{"time":"2026-11-18T11:06:40Z","event":"allowed","ray":"8f0c1d2e3a4b5c6d-FRA","#,
            r#""host":"app.example","method":"GET","path":"/HR","rule":"/HR/**","#,
            r#""person":"alice@example.com","idp":"jumpcloud","groups":["HR"],"release":3}"#
        )
    );
}

#[test]
fn what_is_counted_of_a_decision_names_nobody() {
    let mut points = Vec::new();
    for_each_event(|event| points.extend(event.point().map(|point| point.map(str::to_owned))));
    let refused = ["app.example", "refused", "not-allowed", "/HR/**", "GET"];
    assert!(points.contains(&refused.map(str::to_owned)), "{points:?}");
    assert_eq!(points.len(), 6, "of decisions only");
    assert!(!points.concat().concat().contains('@'), "{points:?}");
}

#[test]
fn what_somebody_should_look_at_is_no_mere_information() {
    let mut levels = BTreeMap::new();
    for_each_event(|event| {
        let record: Value = serde_json::from_str(&event.line(NOW).unwrap()).unwrap();
        let name = [&record["event"], &record["outcome"]].map(|name| name.as_str().unwrap_or(""));
        levels.insert(name.join(" ").trim_end().to_owned(), event.level());
    });
    levels.retain(|_, level| *level != Level::Info);
    let wanted = [
        ("fault", Level::Error),
        ("idp-refresh failed", Level::Error),
        ("idp-refresh proposed", Level::Warning),
        ("idp-refresh taken", Level::Warning),
        ("idp-warning", Level::Warning),
        ("last-good-kept", Level::Error),
        ("legacy-accepted", Level::Warning),
        ("unusable", Level::Error),
    ];
    assert_eq!(levels, wanted.map(|(name, level)| (name.to_owned(), level)).into());
}
