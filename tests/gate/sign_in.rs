//! From the request to the session.

use super::*;

#[test]
fn signs_in_and_comes_back_to_the_page_asked_for() {
    let (world, mut alice) = (World::new(), Browser::default());
    let reply = world.sign_in(&mut alice, "/HR/payroll?year=2026");
    assert_eq!(reply.status, 303);
    assert_eq!(header(&reply.headers, "location"), Some("/HR/payroll?year=2026"));
    let kept = ["__Host-access", "__Host-access-ended", "__Host-access-root"];
    assert_eq!(alice.cookies.keys().collect::<Vec<_>>(), kept);
    let set = reply.headers.iter().find(|(_, value)| value.starts_with("__Host-access=1."));
    assert!(set.unwrap().1.ends_with("; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax"));

    let forward = world.forward(&alice, "/HR/payroll?year=2026");
    assert_eq!(forward.url, "https://app.example/HR/payroll?year=2026");
    assert_eq!(header(&forward.set(), "x-access-email"), Some("alice@example.com"));
    assert_eq!(header(&forward.set(), "x-access-groups"), Some("HR,R%26D%2C%20West"));
    assert!(forward.remove.contains(&"cookie".to_owned()));

    let refused = world.ask(&alice, "/IT/").unwrap_err();
    assert_eq!(refused.refusal, Refusal::NotAllowed);
    assert_eq!(refused.detail, "Machines belong to IT");
    assert_eq!(refused.decided.person.as_deref(), Some("alice@example.com"));
}

#[test]
fn login_state_missing() {
    let (world, mut alice) = (World::new(), Browser::default());
    let (id, relay) = world.begin(&mut alice, "/HR");
    let refused = |browser: &Browser, relay: &str| {
        world.post(browser, &response(&id), relay, true).unwrap_err().refusal
    };
    let mut mallory = Browser::default();
    world.begin(&mut mallory, "/HR");
    assert_eq!(refused(&mallory, &relay), Refusal::LoginStateMissing, "another browser");
    assert_eq!(refused(&alice, "other"), Refusal::LoginStateMissing, "another handle");
    world.now.set(NOW + 600);
    assert_eq!(refused(&alice, &relay), Refusal::LoginStateMissing, "too late");
}

#[test]
fn a_response_to_one_sign_in_does_not_answer_another() {
    let (world, mut alice) = (World::new(), Browser::default());
    let (first, _) = world.begin(&mut alice, "/HR");
    let (_, relay) = world.begin(&mut alice, "/HR");
    let refused = world.post(&alice, &response(&first), &relay, true).unwrap_err();
    assert_eq!(refused.refusal, Refusal::InResponseToMismatch);
}

#[test]
fn replayed() {
    let (world, mut alice) = (World::new(), Browser::default());
    let (id, relay) = world.begin(&mut alice, "/HR");
    let refused = world.post(&alice, &response(&id), &relay, false).unwrap_err();
    assert_eq!(refused.refusal, Refusal::Replayed);
}

/// The link of the page that says why a sign-in failed.
fn way_on(refused: &Refused) -> String {
    let page = refusing(refused, &Browser::default()).body;
    let (_, rest) = page.split_once("/.access/login?to=").expect(&page);
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn a_sign_in_that_fails_leads_back_to_the_page_that_was_asked_for() {
    let (world, mut alice) = (World::new(), Browser::default());
    let (id, relay) = world.begin(&mut alice, "/HR/pay?year=2026");
    let honest = response(&id);
    let forged = honest.replace(">HR<", ">IT<");
    for (xml, relay, first, refusal, to) in [
        (&forged, &*relay, true, Refusal::DigestWrong, "%2FHR%2Fpay%3Fyear%3D2026"),
        (&honest, &*relay, false, Refusal::Replayed, "%2FHR%2Fpay%3Fyear%3D2026"),
        // What was not sealed here leads nowhere.
        (&honest, "/HR/pay", true, Refusal::LoginStateMissing, "%2F"),
        (&honest, "https://evil.example/", true, Refusal::LoginStateMissing, "%2F"),
    ] {
        let refused = world.post(&alice, xml, relay, first).unwrap_err();
        assert_eq!((refused.refusal, way_on(&refused).as_str()), (refusal, to), "{relay}");
    }
}

#[test]
fn a_session_ends_when_the_identity_provider_says_so() {
    let (world, mut alice) = (World::new(), Browser::default());
    let (id, relay) = world.begin(&mut alice, "/HR");
    let capped = HONEST
        .replace("SessionIndex", "SessionNotOnOrAfter=\"2026-11-23T12:10:00Z\" SessionIndex")
        .replace("_request", &id);
    let reply = world.post(&alice, &signed(&capped, Signed::Assertion), &relay, true).unwrap();
    alice.keep(&reply);
    world.now.set(NOW + 599);
    world.forward(&alice, "/HR");
    world.now.set(NOW + 600);
    assert_eq!(world.reply(&alice, "/HR").status, 200, "the form that leads to the sign-in");
}

#[test]
fn authn_stale() {
    let (world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    world.forward(&alice, "/safe");
    world.now.set(NOW + 290);
    let reply = world.reply(&alice, "/safe");
    assert!(reply.body.contains("SAMLRequest"), "signed in 350 seconds ago");

    // The identity provider takes its old session for good: no session, and no loop, comes of it.
    let (id, relay) = world.begin(&mut alice, "/safe");
    let refused = world.post(&alice, &response(&id), &relay, true).unwrap_err();
    assert_eq!(refused.refusal, Refusal::AuthnStale);
    let anew = HONEST.replace("11:59:00Z", "12:04:30Z").replace("_request", &id);
    world.post(&alice, &signed(&anew, Signed::Both), &relay, true).unwrap();
}

#[test]
fn sign_ins_under_way_are_bounded() {
    let (world, mut alice) = (World::new(), Browser::default());
    for _ in 0..30 {
        world.begin(&mut alice, "/HR");
        assert!(alice.cookies.len() <= 9, "{}", alice.cookies.len());
    }
}

#[test]
fn signing_key_missing() {
    let idp = idp_and(serde_json::json!({ "request": { "sign": true } }));
    let world = World::with(|_| None, &idp);
    assert_eq!(world.refusal(&Browser::default(), "/HR"), Refusal::SigningKeyMissing);
    assert_eq!(Refusal::SigningKeyMissing.status(), 503);
    assert!(world.reply(&Browser::default(), "/.access/metadata").body.contains("=\"false\""));
}

/// The browser takes every cookie but the session's.
fn forgetful(world: &World, browser: &mut Browser, path: &str) {
    world.sign_in(browser, path);
    browser.cookies.remove("__Host-access");
}

#[test]
fn sign_in_loop() {
    let (world, mut alice) = (World::new(), Browser::default());
    for _ in 0..4 {
        forgetful(&world, &mut alice, "/HR?a=b");
    }
    for path in ["/HR?a=b", "/.access/login?to=/HR%3Fa=b"] {
        let refused = world.ask(&alice, path).unwrap_err();
        assert_eq!(refused.refusal, Refusal::SignInLoop, "{path}");
        assert!(refusing(&refused, &alice).body.contains(r#"href="/HR?a=b""#), "{path}");
    }
    let reply = refusing(&Refusal::SignInLoop.into(), &alice);
    assert_eq!(reply.status, 403);
    assert!(reply.body.contains("cookies"));
    world.begin(&mut alice.clone(), "/HR");

    // A minute later the browser has forgotten it.
    assert!(alice.cookies.remove("__Host-access-ended").is_some());
    world.sign_in(&mut alice, "/HR?a=b");
    world.forward(&alice, "/HR?a=b");
}

#[test]
fn no_loop_where_a_person_opens_many_tabs_or_signs_out() {
    let (world, mut alice) = (World::new(), Browser::default());
    let begun: Vec<_> = (0..8).map(|_| world.begin(&mut alice, "/HR")).collect();
    for (id, relay) in begun {
        let reply = world.post(&alice, &response(&id), &relay, true).unwrap();
        alice.keep(&reply);
        world.forward(&alice, "/HR");
    }
    for _ in 0..8 {
        let ended = world.sign_out(&alice, "/.access/logout");
        alice.keep(&world.finish(ended.answer));
        world.sign_in(&mut alice, "/HR");
    }
    let mut bob = Browser::default();
    for page in 0..8 {
        forgetful(&world, &mut bob, &format!("/HR/{page}"));
    }
}
