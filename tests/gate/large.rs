//! What an application is told of people with much that is known of them.

use super::*;
use serde_json::Value;

/// A response in which Alice is in so many groups besides HR, and in a department.
fn response_with(groups: usize, id: &str) -> String {
    let name = |n: usize| {
        let digest = ring::digest::digest(&ring::digest::SHA512, &n.to_le_bytes());
        let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("<saml:AttributeValue>{hex}</saml:AttributeValue>")
    };
    let more: String = (0..groups).map(name).collect();
    let department = concat!(
        r#"</saml:Attribute><saml:Attribute Name="dept">"#,
        r#"<saml:AttributeValue>Größe, IT</saml:AttributeValue></saml:Attribute>"#
    );
    let last = "</saml:Attribute></saml:AttributeStatement>";
    let statement = format!("{more}{department}</saml:AttributeStatement>");
    signed(&HONEST.replace(last, &statement).replace("_request", id), Signed::Both)
}

fn world() -> World {
    let attributes = serde_json::json!({ "attributes": {
        "groups": ["memberOf"], "others": { "department": ["dept"] } } });
    World::with(|_| None, &idp_and(attributes))
}

fn sign_in(world: &World, groups: usize) -> Browser {
    let mut alice = Browser::default();
    let (id, relay) = world.begin(&mut alice, "/");
    let reply = world.post(&alice, &response_with(groups, &id), &relay, true).unwrap();
    alice.keep(&reply);
    alice
}

/// The world with another policy.
fn with_policy(world: &mut World, from: &str, to: &str) {
    let policy = Policy::from_json(&POLICY.replacen(from, to, 1)).unwrap();
    let idps = world.application.idps().to_vec();
    let base = world.application.base.clone();
    world.application = Application::new("app.example", base, policy, idps).unwrap();
}

#[test]
fn all_groups_are_in_the_session_and_the_named_are_told() {
    let world = world();
    let alice = sign_in(&world, 150);
    let whoami: Value = {
        let mut script = alice.clone();
        script.headers.push(("accept", "application/json".into()));
        script.headers.push(("sec-fetch-mode", "cors".into()));
        serde_json::from_str(&world.reply(&script, "/.access/whoami").body).unwrap()
    };
    assert_eq!(whoami["groups"].as_array().unwrap().len(), 152);
    assert_eq!(whoami["groups_complete"], true);
    let forward = world.forward(&alice, "/HR");
    assert_eq!(header(&forward.set(), "x-access-groups"), Some("HR"));
    assert_eq!(header(&forward.set(), "x-access-groups-complete"), Some("false"));
    assert_eq!(forward.decided.groups_untold, Some(151));
    let claims = claims(&forward);
    assert_eq!(
        (&claims["groups"], &claims["groups_complete"]),
        (&["HR"][..].into(), &false.into())
    );

    let few = sign_in(&world, 0);
    let forward = world.forward(&few, "/HR");
    assert_eq!(header(&forward.set(), "x-access-groups"), Some("HR,R%26D%2C%20West"));
    assert_eq!(header(&forward.set(), "x-access-groups-complete"), None);
    assert_eq!(super::large::claims(&forward).get("groups_complete"), None);
}

/// Of more groups than the cookies hold, the session has those that policies name. When these are
/// others, it is over: a deny on a group that was dropped would not bite.
#[test]
fn a_session_that_was_cut_ends_when_other_groups_count() {
    let mut world = world();
    let alice = sign_in(&world, 400);
    let forward = world.forward(&alice, "/HR");
    assert_eq!(header(&forward.set(), "x-access-groups-complete"), Some("false"));
    assert_eq!(claims(&forward)["groups_complete"], false);
    assert_eq!(forward.decided.groups_untold, None, "none of those that it has");
    let whole = sign_in(&world, 10);

    let deny = r#""rules": [ { "path": "/HR/**", "deny": { "group": "R&D, West" } },"#;
    with_policy(&mut world, r#""rules": ["#, deny);
    assert!(matches!(world.ask(&alice, "/HR"), Ok(Answer::SignIn(..))));
    assert_eq!(world.refusal(&whole, "/HR"), Refusal::Denied);
    let again = sign_in(&world, 400);
    assert_eq!(world.refusal(&again, "/HR"), Refusal::Denied);

    // The document that is tried counts as well.
    with_policy(&mut world, "", "");
    assert!(matches!(world.ask(&again, "/HR"), Ok(Answer::SignIn(..))));
    let candidate = POLICY.replacen(r#""rules": ["#, deny, 1);
    world.application.candidate = Some(Policy::from_json(&candidate).unwrap());
    assert!(matches!(world.ask(&alice, "/HR"), Ok(Answer::SignIn(..))));
    world.forward(&sign_in(&world, 400), "/HR");
}

#[test]
fn the_assertion_carries_the_attributes_that_the_document_chooses() {
    let mut world = world();
    let alice = sign_in(&world, 0);
    assert_eq!(claims(&world.forward(&alice, "/")).get("attributes"), None);
    let more = r#""assertion": { "attributes": ["department", "phone"] },
        "headers": [{ "X-Department": "attribute:department", "X-Phone": "attribute:phone" }],
        "rules": ["#;
    with_policy(&mut world, r#""rules": ["#, more);
    // At once, though the assertion of before is remembered.
    let forward = world.forward(&alice, "/");
    let claims = claims(&forward);
    assert_eq!(claims["attributes"], serde_json::json!({ "department": ["Größe, IT"] }));
    assert!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap() <= 600);
    assert_eq!((&claims["aud"], &claims["iss"]), (&claims["iss"], &"https://app.example".into()));
    assert_eq!(header(&forward.set(), "x-department"), Some("Gr%C3%B6%C3%9Fe%2C IT"));
    assert_eq!(header(&forward.set(), "x-phone"), None);
    let jwt = |forward: &Forward| header(&forward.set(), "x-access-jwt").unwrap().to_owned();
    assert_eq!(jwt(&world.forward(&alice, "/HR")), jwt(&forward), "signed once");
}
