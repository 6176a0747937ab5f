//! Sign-ins with an encrypted assertion.

use super::*;

#[test]
fn an_encrypted_assertion_signs_in() {
    let legacy = serde_json::json!({ "legacy": ["cbc-signed-inside"] });
    let world = with_saml_key(legacy);
    for how in [Encryption::with(GCM256), Encryption::with(CBC128)] {
        let mut alice = Browser::default();
        let (id, relay) = world.begin(&mut alice, "/HR");
        let xml = how.respond(&HONEST.replace("_request", &id), Signed::Assertion);
        let reply = world.post(&alice, &xml, &relay, true).unwrap();
        alice.keep(&reply);
        world.forward(&alice, "/HR");
        let replayed = world.post(&alice, &xml, &relay, false).unwrap_err();
        assert_eq!(replayed.refusal, Refusal::LoginStateMissing);
    }
}

#[test]
fn only_what_can_be_changed_unseen_is_limited() {
    let world = with_saml_key(serde_json::json!({ "legacy": ["cbc-signed-inside"] }));
    let mut alice = Browser::default();
    let (id, relay) = world.begin(&mut alice, "/HR");
    let limited = |how: Encryption, what, ip: &str| {
        let xml = how.respond(&HONEST.replace("_request", &id), what);
        let fields = [("SAMLResponse", STANDARD.encode(xml)), ("RelayState", relay.clone())];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let form = read_form(FORM, body.as_bytes()).unwrap();
        match world.gate(|gate| gate.receive(&form, &alice)).unwrap() {
            Posted::Sealed(sealed) => sealed.limited_as(ip.parse().ok()),
            other => panic!("{other:?}"),
        }
    };
    let (cbc, gcm) = (Encryption::with(CBC128), Encryption::with(GCM256));
    for (how, what, ip, expected) in [
        (&cbc, Signed::Assertion, "192.0.2.7", Some("test 192.0.2.7")),
        (&cbc, Signed::Assertion, "2001:db8:1:2:3:4:5:6", Some("test 2001:db8:1:2::")),
        (&cbc, Signed::Assertion, "", Some("test ")),
        (&cbc, Signed::Both, "192.0.2.7", None),
        (&gcm, Signed::Assertion, "192.0.2.7", None),
    ] {
        assert_eq!(limited(how.clone(), what, ip).as_deref(), expected, "{what:?} {ip}");
    }
}
