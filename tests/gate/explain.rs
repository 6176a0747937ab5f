//! A decision is explained to those whom the policy names; for all others there is no such page.

use super::*;
use vestibule::gate::Whence;

/// Alice is in HR, and HR may ask, in the office.
fn world(condition: &str) -> (World, Browser) {
    let mut world = World::new();
    let explain = format!(r#""explain": {condition}, "rules""#);
    let policy = Policy::from_json(&POLICY.replace("\"rules\"", &explain)).unwrap();
    world.application.policy = policy;
    let mut alice = Browser::default();
    world.sign_in(&mut alice, "/");
    (world, alice)
}

/// The answer on the page, without tags; it begins with the decision.
fn text(world: &World, alice: &Browser, path: &str) -> String {
    let page = world.reply(alice, path).body;
    let (_, answer) = page.split_once("<h2 id=\"answer\">").expect("an answer");
    let pieces = answer.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, t)| t));
    pieces.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn for_all_others_it_is_like_a_page_that_is_not_there() {
    let asked = "/.access/explain?path=/HR";
    let (unnamed, mut alice) = (World::new(), Browser::default());
    unnamed.sign_in(&mut alice, "/");
    assert_eq!(unnamed.refusal(&alice, asked), Refusal::NoSuchPage, "the policy names nobody");
    for condition in [
        r#"{ "group": "Admins" }"#,
        r#"{ "all": ["signed-in", { "ip": "192.0.2.0/24" }] }"#,
        r#"{ "not": "signed-in" }"#,
    ] {
        let (world, alice) = world(condition);
        assert_eq!(world.refusal(&alice, asked), Refusal::NoSuchPage, "{condition}");
    }
    let (world, alice) = world(r#""signed-in""#);
    assert_eq!(world.refusal(&Browser::default(), asked), Refusal::NoSuchPage, "nobody");
    let post = Browser { method: Some("POST"), ..alice };
    assert_eq!(world.refusal(&post, asked), Refusal::NoSuchPage);
}

#[test]
fn the_answer_is_that_of_the_gate() {
    let (world, mut alice) = world(r#"{ "all": [{ "group": "HR" }, { "ip": "192.0.2.0/24" }] }"#);
    alice.whence = Whence { ip: Some("192.0.2.7".parse().unwrap()), ..Whence::default() };
    assert!(!world.reply(&alice, "/.access/explain").body.contains("class=\"answer\""));
    for (query, answer) in [
        ("path=/HR/payroll", "Allowed"),
        ("path=/IT", "Refused"),
        ("path=/IT&as=me&email=nonsense&groups=IT", "Refused"),
        ("path=/IT&as=somebody&groups=Staff%2C%20IT%0A", "Allowed"),
        ("path=/IT&as=nobody", "Depends on who signs in"),
        ("path=/elsewhere", "Refused"),
        ("path=/assets/x&as=nobody", "Allowed"),
        ("path=/HR/%25252e%25252e", "Refused"),
        ("path=/HR&as=somebody&email=nonsense", "Refused"),
    ] {
        let told = text(&world, &alice, &format!("/.access/explain?{query}"));
        assert!(told.starts_with(answer), "{query}: {told}");
    }
    let told = text(&world, &alice, "/.access/explain?path=/IT");
    assert!(told.contains("Machines belong to IT") && told.contains("not-allowed"), "{told}");
    let told = text(&world, &alice, "/.access/explain?path=/elsewhere");
    assert!(told.contains("No rule covers this path"), "{told}");
    let told = text(&world, &alice, "/.access/explain?path=/HR/%252e");
    assert!(told.contains("path-dot-segment"), "{told}");
}

#[test]
fn json_for_scripts() {
    let (world, mut alice) = world(r#"{ "group": "HR" }"#);
    alice.headers.push(("sec-fetch-mode", "cors".into()));
    let reply = world.reply(&alice, "/.access/explain?path=/IT/x%3Fy&method=PUT");
    let found: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(found["method"], "PUT");
    assert_eq!(found["path"], "/IT/x");
    assert_eq!(found["explanation"]["verdict"], "deny");
    assert_eq!(found["explanation"]["refusal"], "not-allowed");
    assert_eq!(found["explanation"]["considered"][0]["path"], "/IT/**");
    let bad = world.refusal(&alice, "/.access/explain?path=/a/..");
    assert_eq!(bad, Refusal::PathDotSegment);
}
