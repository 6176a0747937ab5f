//! Responses that nobody asked for.

use super::*;

/// Alice's response as the identity provider's portal sends it: to no request.
fn unsolicited() -> String {
    signed(&HONEST.replace(" InResponseTo=\"_request\"", ""), Signed::Both)
}

#[test]
fn unsolicited_begins_a_sign_in_of_our_own() {
    for (wanted, to) in [
        ("/HR/payroll?year=2026", "/HR/payroll?year=2026"),
        ("https://app.example/HR", "/HR"),
        ("https://app.example.evil.example/HR", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/evil.example/"),
        ("", "/"),
    ] {
        let (world, mut alice) = (World::new(), Browser::default());
        let reply = world.post(&alice, &unsolicited(), wanted, true).unwrap();
        assert!(reply.body.contains("SAMLRequest"), "{wanted}");
        alice.keep(&reply);
        assert!(!alice.cookies.contains_key("__Host-access"));
        let (id, relay) = fields(&reply);
        let reply = world.post(&alice, &response(&id), &relay, true).unwrap();
        assert_eq!(header(&reply.headers, "location"), Some(to), "{wanted}");
    }
}

#[test]
fn unsolicited_again_ends() {
    let (world, mut alice) = (World::new(), Browser::default());
    let reply = world.post(&alice, &unsolicited(), "/HR", true).unwrap();
    alice.keep(&reply);
    // The provider does not answer our request, but sends another response to none.
    let refused = world.post(&alice, &unsolicited(), "/HR", true).unwrap_err();
    assert_eq!(refused.refusal, Refusal::Unsolicited);
    let (_, relay) = fields(&reply);
    let refused = world.post(&alice, &unsolicited(), &relay, true).unwrap_err();
    assert_eq!(refused.refusal, Refusal::Unsolicited, "with our RelayState");
    world.now.set(NOW + 600);
    world.post(&alice, &unsolicited(), "/HR", true).unwrap();
}

#[test]
fn unsolicited_from_a_stranger() {
    let (world, alice) = (World::new(), Browser::default());
    let strange = unsolicited().replace("test idp", "other idp");
    let refused = world.post(&alice, &strange, "", true).unwrap_err();
    assert_eq!(refused.refusal, Refusal::IssuerMismatch);
}

#[test]
fn unsolicited_where_it_is_allowed_lands_on_a_fixed_page() {
    let world = World::with(|_| None, &idp_and(serde_json::json!({ "unsolicited": "/start" })));
    let mut alice = Browser::default();
    let forged = unsolicited().replace(">HR<", ">IT<");
    let refused = world.post(&alice, &forged, "", true).unwrap_err();
    assert_eq!(refused.refusal, Refusal::DigestWrong);
    let refused = world.post(&alice, &unsolicited(), "", false).unwrap_err();
    assert_eq!(refused.refusal, Refusal::Replayed);
    // What answers a request that another browser made is still refused.
    let refused = world.post(&alice, &response("_other"), "", true).unwrap_err();
    assert_eq!(refused.refusal, Refusal::LoginStateMissing);

    let reply = world.post(&alice, &unsolicited(), "https://app.example/HR", true).unwrap();
    assert_eq!(header(&reply.headers, "location"), Some("/start"));
    alice.keep(&reply);
    world.forward(&alice, "/HR");
    // Nor does a request of our own have to do without its answer.
    let mut bob = Browser::default();
    let (_, relay) = world.begin(&mut bob, "/HR");
    let refused = world.post(&bob, &unsolicited(), &relay, true).unwrap_err();
    assert_eq!(refused.refusal, Refusal::Unsolicited);
}
