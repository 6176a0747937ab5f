//! Signing out, here and through the identity provider.

use super::*;

#[test]
fn signing_out_ends_every_cookie_of_ours() {
    let (world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    world.begin(&mut alice, "/.access/login?to=/IT");
    alice.cookies.insert("theirs".into(), "1".into());
    let thief = alice.clone();
    let ended = world.sign_out(&alice, "/.access/logout");
    let reply = world.finish(ended.answer);
    assert!(reply.body.contains("may still be signed in at your identity provider"));
    alice.keep(&reply);
    assert_eq!(alice.cookies.keys().collect::<Vec<_>>(), ["theirs"]);
    world.forward(&thief, "/HR");
    world.stamp(&ended.revoke);
    assert_eq!(world.reply(&thief, "/HR").status, 200, "the form that leads to the sign-in");
}

/// The IdP's metadata has a logout service, and we have a key: both directions, both bindings.
#[test]
fn single_logout() {
    let (world, mut alice, mut elsewhere) =
        (World::with_logout(), Browser::default(), Browser::default());
    world.sign_in(&mut alice, "/");
    world.sign_in(&mut elsewhere, "/");

    // Started here.
    let ended = world.sign_out(&alice, "/.access/logout");
    let (request, relay_state) = posted(&world.finish(ended.answer), "SAMLRequest");
    assert_eq!(relay_state, None);
    let document = Document::parse(request.as_bytes(), &Profile::MESSAGE).unwrap();
    let verified = verify(document.root(), &[public_key("sp")]).unwrap();
    let text = |local: &str| {
        let node = verified.root().children().find(|node| node.local() == local);
        node.unwrap().text().unwrap().to_owned()
    };
    assert!(verified.root().is(PROTOCOL, "LogoutRequest"));
    assert_eq!(verified.root().attribute("Destination"), Some("https://idp.example/slo"));
    assert_eq!(text("Issuer"), "https://app.example/.access/metadata");
    assert_eq!(text("NameID"), "alice@example.com");
    assert_eq!(text("SessionIndex"), "_session");

    // Started at the identity provider: of all who are signed in as this subject in this session.
    let ended = world.slo(&elsewhere, &sign(LOGOUT, "_logout"), Some("theirs")).unwrap();
    assert_eq!(ended.claim, Some(("test".into(), "_logout".into())));
    let (response, relay_state) = posted(&world.finish(ended.answer), "SAMLResponse");
    assert_eq!(relay_state.as_deref(), Some("theirs"));
    let document = Document::parse(response.as_bytes(), &Profile::MESSAGE).unwrap();
    let verified = verify(document.root(), &[public_key("sp")]).unwrap();
    assert!(verified.root().is(PROTOCOL, "LogoutResponse"));
    assert_eq!(verified.root().attribute("InResponseTo"), Some("_logout"));
    world.forward(&elsewhere, "/HR");
    world.stamp(&ended.revoke);
    assert_eq!(world.reply(&elsewhere, "/HR").status, 200, "the form that leads to the sign-in");
    // In the very second of the stamp.
    world.sign_in(&mut elsewhere, "/");
    world.forward(&elsewhere, "/HR");
}

/// SAML core 3.7.1: without an index every session ends, with one only those that it names.
#[test]
fn a_logout_request_ends_what_it_names() {
    let index = "<samlp:SessionIndex>_session</samlp:SessionIndex>";
    for (name, request, ends) in [
        ("this session", LOGOUT.to_owned(), true),
        ("all", LOGOUT.replace(index, ""), true),
        ("another session", LOGOUT.replace("_session", "_other"), false),
        ("two", LOGOUT.replace(index, &format!("{}{index}", index.replace("_s", "_t"))), true),
        ("another person", LOGOUT.replace("alice@", "bob@"), false),
        ("all of another person", LOGOUT.replace("alice@", "bob@").replace(index, ""), false),
    ] {
        let (world, mut alice) = (World::with_logout(), Browser::default());
        world.sign_in(&mut alice, "/");
        let ended = world.slo(&Browser::default(), &sign(&request, "_logout"), None).unwrap();
        world.stamp(&ended.revoke);
        let answer = world.ask(&alice, "/HR").unwrap();
        assert_eq!(matches!(answer, Answer::SignIn(..)), ends, "{name}");
    }
}
