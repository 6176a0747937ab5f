//! What somebody may try between an auth host and the hosts that it signs people in for.

use super::*;

const APP: &str = "https://app.example/HR";

/// Alice is signed in at the auth host, and on her way to the application: the address there, with
/// its code.
fn with_code(estate: &Estate, person: &mut Person, url: &str) -> String {
    let asking = estate.location(person, url);
    let location = estate.location(person, &asking);
    assert!(location.contains("/.access/hand-over?code="), "{location}");
    location
}

fn signed_in() -> (Estate, Person) {
    let (estate, mut alice) = (Estate::new(), Person::default());
    assert!(estate.open(&mut alice, "https://other.test/HR").1);
    (estate, alice)
}

fn parameter(url: &str, name: &str) -> String {
    let start = url.find(&format!("{name}=")).unwrap() + name.len() + 1;
    url[start..].split('&').next().unwrap().to_owned()
}

#[test]
fn hand_over_used() {
    let (estate, mut alice) = signed_in();
    let mut copy = Person::default();
    let url = with_code(&estate, &mut alice, APP);
    // A copy of the whole browser: the login state alone does not help.
    *copy.at("app.example") = alice.at("app.example").clone();
    estate.visit(&mut alice, &url).unwrap();
    assert_eq!(estate.visit(&mut copy, &url).err(), Some(Refusal::HandOverUsed));
    assert_eq!(estate.visit(&mut alice, &url).err(), Some(Refusal::LoginStateMissing));
}

/// Nobody else can use a code, and it is worth nothing once it came to the wrong browser: a script
/// that reads it from an address afterwards is too late.
#[test]
fn a_code_in_another_browser() {
    let (estate, mut alice) = signed_in();
    let url = with_code(&estate, &mut alice, APP);
    let mut mallory = Person::default();
    assert_eq!(estate.visit(&mut mallory, &url).err(), Some(Refusal::LoginStateMissing));
    assert_eq!(estate.visit(&mut alice, &url).err(), Some(Refusal::HandOverUsed));
}

/// Mallory lets Alice's browser fetch a code for a sign-in that Mallory began: it would be hers if
/// she got hold of it.
#[test]
fn a_code_for_a_sign_in_that_somebody_else_began() {
    let (estate, mut alice) = signed_in();
    let mut mallory = Person::default();
    let asking = estate.location(&mut mallory, APP);
    let url = estate.location(&mut alice, &asking);
    assert_eq!(estate.visit(&mut alice, &url).err(), Some(Refusal::LoginStateMissing));
    assert_eq!(estate.visit(&mut mallory, &url).err(), Some(Refusal::HandOverUsed));
    assert!(mallory.at("app.example").cookies.keys().all(|name| name != "__Host-access"));
}

/// Login CSRF: Alice must not end up in Mallory's session.
#[test]
fn a_code_of_somebody_else() {
    let (estate, mut alice) = signed_in();
    let mut mallory = Person::default();
    estate.open(&mut mallory, "https://other.test/HR");
    let theirs = with_code(&estate, &mut mallory, APP);
    let own = with_code(&estate, &mut alice, APP);
    assert_eq!(estate.visit(&mut alice, &theirs).err(), Some(Refusal::LoginStateMissing));
    // With the handle of a sign-in that Alice's browser did begin.
    let theirs = with_code(&estate, &mut mallory, APP);
    let swapped = theirs.replace(&parameter(&theirs, "state"), &parameter(&own, "state"));
    assert_eq!(estate.visit(&mut alice, &swapped).err(), Some(Refusal::HandOverMismatch));
    estate.visit(&mut alice, &own).unwrap();
}

#[test]
fn hand_over_mismatch() {
    let (estate, mut alice) = signed_in();
    let asking = estate.location(&mut alice, APP);
    let other = estate.location(&mut alice, APP);
    let swapped = asking.replace(&parameter(&asking, "challenge"), &parameter(&other, "challenge"));
    let url = estate.location(&mut alice, &swapped);
    assert_eq!(estate.visit(&mut alice, &url).err(), Some(Refusal::HandOverMismatch));
}

#[test]
fn hand_over_unknown() {
    let (estate, mut alice) = signed_in();
    // A code for one host at another, with a sign-in under way there.
    let for_app = with_code(&estate, &mut alice, APP);
    alice.at("other.test").cookies.clear();
    let asking = estate.location(&mut alice, "https://other.test/HR");
    let state = parameter(&asking, "state");
    let code = parameter(&for_app, "code");
    let url = format!("https://other.test/.access/hand-over?code={code}&state={state}");
    assert_eq!(estate.visit(&mut alice, &url).err(), Some(Refusal::HandOverUnknown));
    // The same where the ledger was misled to keep it there.
    let mut kept = estate.kept.borrow_mut();
    let (key, waiting) = kept
        .iter()
        .find(|((host, _), (sealed, _))| host == "app.example" && sealed.is_some())
        .map(|((_, key), waiting)| (key.clone(), waiting.clone()))
        .unwrap();
    kept.insert(("other.test".to_owned(), key), waiting);
    drop(kept);
    assert_eq!(estate.visit(&mut alice, &url).err(), Some(Refusal::HandOverUnknown));
    // The ledger holds neither code nor person in the clear.
    for ((_, key), (sealed, _)) in estate.kept.borrow().iter() {
        let sealed = sealed.clone().unwrap_or_default();
        assert!(!key.contains(&code) && !sealed.contains(&code) && !sealed.contains("alice"));
    }
    estate.visit(&mut alice, &for_app).unwrap();
}

#[test]
fn hand_over_late() {
    for (after, refusal) in [
        (59, None),
        (60, Some(Refusal::HandOverLate)),
        (120, Some(Refusal::HandOverLate)),
        (121, Some(Refusal::HandOverUnknown)),
    ] {
        let (estate, mut alice) = signed_in();
        let url = with_code(&estate, &mut alice, APP);
        estate.later(NOW + after);
        assert_eq!(estate.visit(&mut alice, &url).err(), refusal, "{after}");
    }
}

#[test]
fn hand_over_foreign() {
    let (estate, mut alice) = signed_in();
    let asking = estate.location(&mut alice, APP);
    for host in ["foreign.example", "auth.example", "nowhere.example"] {
        let url = asking.replace("host=app.example", &format!("host={host}"));
        assert_eq!(estate.visit(&mut alice, &url).err(), Some(Refusal::HandOverForeign), "{host}");
    }
    // A host that hands nothing over.
    let url = asking.replace("https://auth.example", "https://foreign.example");
    assert_eq!(estate.visit(&mut alice, &url).err(), Some(Refusal::HandOverForeign));
}

#[test]
fn hand_over_malformed() {
    let (estate, mut alice) = signed_in();
    let asking = estate.location(&mut alice, APP);
    let (state, challenge) = (parameter(&asking, "state"), parameter(&asking, "challenge"));
    let later = format!("{asking}&since={}", NOW + 1);
    for url in [
        asking.replace("host=app.example", "host=https://evil.example"),
        asking.replace("host=app.example", "host=APP.example"),
        asking.replace("host=app.example", "host=*.example"),
        asking.replace("host=app.example", "host=app.example/x"),
        asking.replace("host=app.example", ""),
        format!("{asking}&host=evil.example"),
        asking.replace(&state, "x"),
        asking.replace(&state, &format!("{state}%0d%0aset-cookie:x")),
        asking.replace(&challenge, &state),
        asking.replace(&challenge, ""),
        format!("{asking}&since=soon"),
        later,
        "https://auth.example/.access/hand-over".to_owned(),
        "https://app.example/.access/hand-over".to_owned(),
        "https://app.example/.access/hand-over?code=x&state=y".to_owned(),
        format!("https://app.example/.access/hand-over?code={state}"),
    ] {
        let refused = estate.visit(&mut alice.clone(), &url).err();
        assert_eq!(refused, Some(Refusal::HandOverMalformed), "{url}");
    }
}

/// What the browser is told to ask for decides nothing: the application checks it again.
#[test]
fn authn_stale() {
    let (estate, mut alice) = signed_in();
    estate.visit(&mut alice, APP).unwrap();
    estate.open(&mut alice, APP);
    estate.later(NOW + 301);
    let asking = estate.location(&mut alice, "https://app.example/safe");
    let since = format!("&since={}", NOW + 301);
    assert!(asking.ends_with(&since), "{asking}");
    let url = estate.location(&mut alice, asking.strip_suffix(&since).unwrap());
    assert_eq!(estate.visit(&mut alice, &url).err(), Some(Refusal::AuthnStale));
}

#[test]
fn hand_over_stale() {
    let (estate, mut alice) = signed_in();
    let url = with_code(&estate, &mut alice, APP);
    estate.later(NOW + 1);
    // Ended meanwhile, or here already and at the auth host not yet.
    estate.stamp("app.example", &[Revoked::subject("test", "alice@example.com")]);
    assert_eq!(estate.visit(&mut alice, &url).err(), Some(Refusal::HandOverStale));
}

/// A document that names another auth host, or none, from now on.
#[test]
fn a_session_of_one_auth_host_is_worth_nothing_under_another() {
    for sign_in in [r#""idps": ["test"]"#, r#""idps": ["test"], "auth_host": "foreign.example""#] {
        let (mut estate, mut alice) = signed_in();
        estate.open(&mut alice, APP);
        assert!(matches!(estate.visit(&mut alice, APP), Ok(Ended::Page(..))));
        let deployment = World::new().deployment;
        let document = policy("app.example", sign_in);
        let world = World::at("app.example", &document, deployment, &idp_json(&["rsa"]));
        estate.worlds.insert("app.example", world);
        assert!(matches!(estate.visit(&mut alice, APP), Ok(Ended::Own(..))), "{sign_in}");
    }
}

/// No script and no other site's form gets a code.
#[test]
fn sign_in_needed() {
    let (estate, mut alice) = signed_in();
    let asking = estate.location(&mut alice, APP);
    alice.at("auth.example").headers.push(("sec-fetch-mode", "no-cors".into()));
    assert_eq!(estate.visit(&mut alice, &asking).err(), Some(Refusal::SignInNeeded));
    alice.at("auth.example").headers.clear();
    alice.at("auth.example").method = Some("POST");
    assert_eq!(estate.visit(&mut alice, &asking).err(), Some(Refusal::NoSuchPage));
}

#[test]
fn a_hand_over_that_fails_leads_back_to_the_page_that_was_asked_for() {
    let (estate, mut alice) = signed_in();
    let url = with_code(&estate, &mut alice, "https://app.example/HR/pay?year=2026");
    let world = &estate.worlds["app.example"];
    let path = url.strip_prefix("https://app.example").unwrap();
    let Ok(Answer::Collect(collecting)) = world.ask(alice.at("app.example"), path) else {
        panic!("{url}");
    };
    let to = "/.access/login?to=%2FHR%2Fpay%3Fyear%3D2026";
    let browser = alice.at("app.example");
    let refused = world.gate(|gate| gate.collect(&collecting, Taken::Unknown, browser));
    let refused = refused.map(drop).unwrap_err();
    assert!(refusing(&refused, browser).body.contains(to));
    let nobody = Browser::default();
    let refused = world.gate(|gate| gate.collect(&collecting, Taken::Unknown, &nobody));
    let refused = refused.map(drop).unwrap_err();
    assert!(!refusing(&refused, &nobody).body.contains(to));
}
