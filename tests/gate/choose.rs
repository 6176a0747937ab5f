//! Where there are several identity providers, the person chooses.

use super::*;

/// The application with a second identity provider, which has another entity ID.
fn two() -> World {
    let mut world = World::new();
    let policy = POLICY.replace(r#"["test"]"#, r#"["test", "other"]"#);
    let mut other: serde_json::Value = serde_json::from_str(&idp_json(&["rsa"])).unwrap();
    let metadata = other["metadata"].as_str().unwrap();
    let metadata =
        metadata.replace("test idp", "other idp").replace("idp.example", "other.example");
    other["metadata"] = metadata.into();
    other["name"] = "Partners & Co".into();
    let idps = [("test", idp_json(&["rsa"])), ("other", other.to_string())];
    let idps = idps.map(|(id, json)| IdentityProvider::from_json(id, &json).unwrap());
    let base = world.deployment.base_of("app.example");
    let policy = Policy::from_json(&policy).unwrap();
    world.application = Application::new("app.example", base, policy, idps.into()).unwrap();
    world
}

fn hrefs(page: &str) -> Vec<String> {
    let links = page.split("class=\"button quiet\" href=\"").skip(1);
    links.map(|link| link.split('"').next().unwrap().replace("&#38;", "&")).collect()
}

#[test]
fn a_person_chooses_and_comes_back_to_the_page_asked_for() {
    for path in ["/HR?year=2026", "/.access/login?to=%2FHR%3Fyear%3D2026"] {
        let (world, mut alice) = (two(), Browser::default());
        let reply = world.reply(&alice, path);
        assert_eq!(reply.status, 200);
        assert!(reply.body.contains("<bdi>Partners &#38; Co</bdi>"), "{}", reply.body);
        assert!(header(&reply.headers, "set-cookie").is_none(), "nothing is remembered");
        let to = "to=%2FHR%3Fyear%3D2026";
        let ways = ["test", "other"].map(|id| format!("/.access/login?idp={id}&{to}"));
        assert_eq!(hrefs(&reply.body), ways);
        let (id, relay) = world.begin(&mut alice, &ways[0]);
        let reply = world.post(&alice, &response(&id), &relay, true).unwrap();
        assert_eq!(header(&reply.headers, "location"), Some("/HR?year=2026"));
    }
}

#[test]
fn a_choice_leads_to_what_was_chosen_and_nothing_else_does() {
    let world = two();
    let form = world.reply(&Browser::default(), "/.access/login?idp=other").body;
    assert!(form.contains("action=\"https://other.example/sso\""), "{form}");
    assert_eq!(world.refusal(&Browser::default(), "/.access/login?idp=evil"), Refusal::IdpMissing);
    // Where one goes is read again when the choice comes back, and is no address outside.
    let page = world.reply(&Browser::default(), "/.access/login?to=https://evil.example/").body;
    assert!(!page.contains("evil"), "{page}");
}

#[test]
fn switching_keeps_that_a_new_sign_in_is_wanted() {
    let page = two().reply(&Browser::default(), "/.access/login?to=/HR&switch=yes").body;
    assert_eq!(hrefs(&page)[0], "/.access/login?idp=test&to=%2FHR&switch=yes");
    let (world, mut alice) = (World::new(), Browser::default());
    let reply = world.reply(&alice, "/.access/login?to=/HR&switch=yes");
    let (request, _) = posted(&reply, "SAMLRequest");
    assert!(request.contains("ForceAuthn=\"true\""), "{request}");
    let reply = world.sign_in(&mut alice, "/.access/login?to=/HR&switch=yes");
    assert_eq!(header(&reply.headers, "location"), Some("/HR"));
}

/// A sign-in that is too old is made anew where it was made.
#[test]
fn who_is_signed_in_does_not_choose_again() {
    let (world, mut alice) = (two(), Browser::default());
    let (id, relay) = world.begin(&mut alice, "/.access/login?idp=test");
    let reply = world.post(&alice, &response(&id), &relay, true).unwrap();
    alice.keep(&reply);
    world.now.set(NOW + 600);
    let form = world.reply(&alice, "/safe/x").body;
    assert!(form.contains("action=\"https://idp.example/sso\""), "{form}");
}

#[test]
fn a_choice_carries_the_fragment_only_where_the_policy_keeps_it() {
    for (keep, carries) in [("", false), (r#""keep_fragment": true, "#, true)] {
        let mut world = two();
        let policy =
            POLICY.replace(r#""idps": ["test"]"#, &format!(r#"{keep}"idps": ["test", "other"]"#));
        let base = world.application.base.clone();
        let (idps, policy) =
            (world.application.idps().to_vec(), Policy::from_json(&policy).unwrap());
        world.application = Application::new("app.example", base, policy, idps).unwrap();
        let reply = world.reply(&Browser::default(), "/HR");
        assert_eq!(reply.body.contains(" data-carries"), carries);
        assert_eq!(reply.body.contains("/.access/submit.js"), carries);
        let csp = header(&reply.headers, "content-security-policy").unwrap();
        assert_eq!(csp.contains("script-src 'self'"), carries);
        assert!(csp.contains("form-action 'self'"), "{csp}");
    }
}
