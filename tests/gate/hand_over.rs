//! One sign-in for many hosts.

use super::*;

const APP: &str = "https://app.example/HR?year=2026";
const OTHER: &str = "https://other.test/HR";
const EVERYWHERE: &str = "https://auth.example/.access/logout";

fn page(ended: Ended) -> (String, Box<Forward>) {
    match ended {
        Ended::Page(url, forward) => (url, forward),
        other => panic!("{other:?}"),
    }
}

/// Whether a page opens at once.
fn opens(estate: &Estate, person: &mut Person, url: &str) -> bool {
    matches!(estate.visit(person, url), Ok(Ended::Page(..)))
}

#[test]
fn one_sign_in_serves_every_host() {
    let (estate, mut alice) = (Estate::new(), Person::default());
    let (ended, asked) = estate.open(&mut alice, APP);
    let (url, forward) = page(ended);
    assert_eq!((url.as_str(), asked), (APP, true));
    assert_eq!(header(&forward.set(), "x-access-email"), Some("alice@example.com"));
    let (ended, asked) = estate.open(&mut alice, OTHER);
    let (url, forward) = page(ended);
    assert_eq!((url.as_str(), asked), (OTHER, false));
    assert_eq!(header(&forward.set(), "x-access-groups"), Some("HR,R%26D%2C%20West"));
    for host in ["auth.example", "app.example", "other.test"] {
        let kept: Vec<_> = alice.at(host).cookies.keys().map(String::as_str).collect();
        let root = (host == "auth.example").then_some("__Host-access-root");
        let own = ["__Host-access", "__Host-access-ended"].into_iter().chain(root);
        assert_eq!(kept, own.collect::<Vec<_>>(), "{host}");
    }
    // Each application decides by its own rules, and no cookie is worth anything at another host.
    assert_eq!(estate.visit(&mut alice, "https://app.example/IT").err(), Some(Refusal::NotAllowed));
    for (from, to) in [
        ("app.example", OTHER),
        ("auth.example", APP),
        ("app.example", "https://auth.example/.access/whoami"),
    ] {
        let mut thief = Person::default();
        let host = to.strip_prefix("https://").unwrap().split('/').next().unwrap();
        *thief.at(host) = alice.at(from).clone();
        match estate.visit(&mut thief, to) {
            Ok(Ended::Own(_, reply)) => assert!(!reply.body.contains("alice"), "{from} {to}"),
            other => panic!("{from} {to}: {other:?}"),
        }
    }
}

#[test]
fn a_protected_host_is_no_service_provider_of_its_own() {
    let (estate, mut alice) = (Estate::new(), Person::default());
    for page in ["metadata", "acs", "slo"] {
        let url = format!("https://app.example/.access/{page}");
        assert_eq!(estate.visit(&mut alice, &url).err(), Some(Refusal::NoSuchPage), "{page}");
        alice.at("app.example").method = Some("POST");
        assert_eq!(estate.visit(&mut alice, &url).err(), Some(Refusal::NoSuchPage), "{page}");
        alice.at("app.example").method = None;
    }
    match estate.visit(&mut alice, "https://auth.example/.access/metadata") {
        Ok(Ended::Own(_, reply)) => {
            assert!(reply.body.contains("https://auth.example/.access/acs"))
        }
        other => panic!("{other:?}"),
    }
}

/// One document for the auth host and what it protects.
#[test]
fn an_auth_host_that_names_itself_signs_in_as_any_host() {
    let document = policy("auth.example", r#""idps": ["test"], "auth_host": "auth.example""#);
    let world = World::at("auth.example", &document, World::new().deployment, &idp_json(&["rsa"]));
    assert!(world.reply(&Browser::default(), "/HR").body.contains("SAMLRequest"));
}

/// `max_age` and `idle` of the application count from the sign-in, and from the last time that the
/// auth host saw the person.
#[test]
fn a_session_that_is_too_old_for_the_application_is_not_handed_over() {
    let (estate, mut alice) = (Estate::new(), Person::default());
    estate.open(&mut alice, APP);
    estate.later(NOW + 3_599);
    assert!(opens(&estate, &mut alice, APP));
    estate.later(NOW + 3_600);
    assert!(estate.open(&mut alice, APP).1, "an hour is over");

    let (estate, mut alice) = (Estate::new(), Person::default());
    estate.open(&mut alice, APP);
    estate.later(NOW + 599);
    assert!(!estate.open(&mut alice, OTHER).1);
    estate.later(NOW + 599 + 599);
    assert!(opens(&estate, &mut alice, OTHER));
    estate.later(NOW + 599 + 600);
    assert!(!opens(&estate, &mut alice, OTHER), "idle, and its own session was not seen");
    assert!(estate.open(&mut alice, OTHER).1, "idle at the auth host too");
}

#[test]
fn a_session_ends_no_later_than_the_one_it_comes_of() {
    let estate = Estate::with(r#""idps": ["test"], "max_age": "30d", "auth_host": "auth.example""#);
    let mut alice = Person::default();
    estate.open(&mut alice, APP);
    estate.later(NOW + 12 * 3_600 - 1);
    assert!(opens(&estate, &mut alice, APP));
    estate.later(NOW + 12 * 3_600);
    assert!(estate.open(&mut alice, APP).1);
}

#[test]
fn a_sensitive_path_wants_a_new_sign_in_at_the_identity_provider() {
    let (estate, mut alice) = (Estate::new(), Person::default());
    estate.open(&mut alice, APP);
    let safe = "https://app.example/safe";
    assert!(opens(&estate, &mut alice, safe));
    estate.later(NOW + 301);
    let ended = estate.follow(&mut alice, safe);
    let Ended::Own(_, reply) = &ended else { panic!("{ended:?}") };
    let (request, _) = posted(reply, "SAMLRequest");
    assert!(request.contains(r#"ForceAuthn="true""#), "{request}");
    // One that is as old as the last is no new one.
    let stale = estate.sign_in_as(&mut alice.clone(), ended, "alice", 301);
    assert!(matches!(stale, Ended::Refused(Refusal::AuthnStale)), "{stale:?}");
    let ended = estate.follow(&mut alice, safe);
    assert_eq!(page(estate.sign_in(&mut alice, ended)).0, safe);
    // And the other application may come of it without another.
    assert!(!estate.open(&mut alice, OTHER).1);
}

#[test]
fn whoever_signs_out_of_one_application_is_asked_before_they_are_signed_in_again() {
    let (estate, mut alice) = (Estate::new(), Person::default());
    estate.open(&mut alice, APP);
    estate.open(&mut alice, OTHER);
    let thief = alice.clone();
    match estate.visit(&mut alice, "https://app.example/.access/logout") {
        Ok(Ended::Own(_, reply)) => {
            assert!(reply.body.contains("still signed in at <bdi>auth.example"), "{}", reply.body);
            assert!(reply.body.contains(EVERYWHERE));
        }
        other => panic!("{other:?}"),
    }
    assert!(!opens(&estate, &mut thief.clone(), APP), "a copy of the cookie");
    assert!(opens(&estate, &mut alice, OTHER), "the other application goes on");

    estate.later(NOW + 61);
    let Ended::Own(url, reply) = estate.follow(&mut alice, APP) else { panic!("not asked") };
    assert!(url.starts_with("https://auth.example/.access/hand-over?"), "{url}");
    let links: Vec<String> = reply
        .body
        .split("href=\"/.access/hand-over")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"))
        .map(|query| format!("https://auth.example/.access/hand-over{query}"))
        .collect();
    let [same, somebody_else] = links.as_slice() else { panic!("{}", reply.body) };
    let ended = estate.follow(&mut alice.clone(), somebody_else);
    let Ended::Own(_, reply) = &ended else { panic!("{ended:?}") };
    assert!(posted(reply, "SAMLRequest").0.contains("ForceAuthn"));
    assert_eq!(page(estate.follow(&mut alice, same)).0, APP);
    let asked_for_ever = alice.at("app.example").cookies.contains_key("__Host-access-signed-out");
    assert!(!asked_for_ever);
}

/// Also with sessions that come of an earlier sign-in of this browser.
#[test]
fn signing_out_everywhere_ends_every_session() {
    let (estate, mut alice) = (Estate::new(), Person::default());
    estate.open(&mut alice, APP);
    estate.open(&mut alice, OTHER);
    estate.later(NOW + 301);
    estate.open(&mut alice, "https://app.example/safe");
    let mut phone = Person::default();
    estate.open(&mut phone, APP);
    for url in [APP, OTHER] {
        assert!(opens(&estate, &mut alice, url), "{url}");
    }
    estate.visit(&mut alice, EVERYWHERE).unwrap();
    for url in [APP, OTHER] {
        assert!(!opens(&estate, &mut alice, url), "{url}");
        assert!(estate.open(&mut alice.clone(), url).1, "{url}: the auth host knows nobody");
    }
    assert!(opens(&estate, &mut phone, APP), "another browser of hers");
}

/// Whatever became of the session at the auth host since: a tile of the identity provider's portal
/// began another one, by a POST without the session's cookie, or it is over there.
#[test]
fn signing_out_everywhere_ends_what_an_earlier_session_handed_over() {
    let idp = idp_and(serde_json::json!({ "unsolicited": "/" }));
    let mut estate = Estate::new();
    let auth = World::at("auth.example", AUTH, World::new().deployment, &idp);
    auth.drawn.set(100);
    estate.worlds.insert("auth.example", auth);
    let signed_in = || {
        let mut alice = Person::default();
        estate.open(&mut alice, OTHER);
        assert!(opens(&estate, &mut alice, OTHER));
        alice
    };

    let mut by_tile = signed_in();
    let xml =
        HONEST.replace("app.example", "auth.example").replace(" InResponseTo=\"_request\"", "");
    let mut cross_site = by_tile.at("auth.example").clone();
    cross_site.cookies.remove("__Host-access");
    let world = &estate.worlds["auth.example"];
    let reply = world.post(&cross_site, &signed(&xml, Signed::Both), "", true).unwrap();
    by_tile.at("auth.example").keep(&reply);

    let mut gone = signed_in();
    gone.at("auth.example").cookies.remove("__Host-access");
    let mut in_another_page = gone.clone();
    in_another_page.at("auth.example").headers = vec![("sec-fetch-mode", "no-cors".into())];
    let mut made_up = gone.clone();
    let cookies = &mut made_up.at("auth.example").cookies;
    cookies.insert("__Host-access-root".into(), "A".repeat(22));

    for (name, person, ends) in [
        ("a picture of another site", &mut in_another_page, false),
        ("a root that was made up", &mut made_up, false),
        ("a tile", &mut by_tile, true),
        ("over at the auth host", &mut gone, true),
    ] {
        estate.visit(person, EVERYWHERE).unwrap();
        assert_eq!(opens(&estate, person, OTHER), !ends, "{name}");
    }
}

#[test]
fn what_ends_at_the_auth_host_ends_everywhere() {
    for (name, revoked, ends) in [
        ("the identity provider's logout", Revoked::subject("test", "alice@example.com"), true),
        ("of that session", Revoked::index("test", "alice@example.com", "_session"), true),
        ("of another", Revoked::index("test", "alice@example.com", "_other"), false),
        ("of another person", Revoked::subject("test", "bob@example.com"), false),
    ] {
        let (estate, mut alice) = (Estate::new(), Person::default());
        estate.open(&mut alice, APP);
        estate.open(&mut alice, OTHER);
        estate.later(NOW + 10);
        estate.stamp("auth.example", &[revoked]);
        for url in [APP, OTHER] {
            assert_eq!(opens(&estate, &mut alice, url), !ends, "{name} {url}");
        }
        let elsewhere = Person::default();
        assert!(estate.open(&mut elsewhere.clone(), APP).1, "{name}");
    }
    // What ends at an application ends there, and the auth host does not hand it over again.
    let (estate, mut alice) = (Estate::new(), Person::default());
    estate.open(&mut alice, APP);
    estate.open(&mut alice, OTHER);
    estate.later(NOW + 10);
    estate.stamp("app.example", &[Revoked::subject("test", "alice@example.com")]);
    assert!(opens(&estate, &mut alice, OTHER));
    assert!(estate.open(&mut alice, APP).1);
    // Also by an administrator.
    for (revoked, app, other) in
        [("app.example", false, true), ("other.test", true, false), ("auth.example", false, false)]
    {
        let (estate, mut alice) = (Estate::new(), Person::default());
        estate.open(&mut alice, APP);
        estate.open(&mut alice, OTHER);
        estate.later(NOW + 10);
        let document = RevokedDocument {
            hosts: [(revoked.to_owned(), NOW + 5)].into(),
            ..RevokedDocument::default()
        };
        for (host, world) in &estate.worlds {
            let revocations = Revocations::default().with(host, document.clone().into());
            world.revocations.replace(revocations);
        }
        for (url, goes_on) in [(APP, app), (OTHER, other)] {
            assert_eq!(opens(&estate, &mut alice, url), goes_on, "{revoked} {url}");
            assert_eq!(estate.open(&mut alice.clone(), url).1, !goes_on, "{revoked} {url}");
        }
    }
}

/// Its sign-ins are redirects alone, which a browser would follow without asking anybody.
#[test]
fn a_host_that_loses_its_session_does_not_go_round() {
    let (estate, mut alice) = (Estate::new(), Person::default());
    for _ in 0..4 {
        estate.open(&mut alice, APP);
        assert!(opens(&estate, &mut alice, APP));
        alice.at("app.example").cookies.remove("__Host-access");
    }
    assert_eq!(estate.visit(&mut alice, APP).err(), Some(Refusal::SignInLoop));
    assert!(estate.visit(&mut alice, "https://app.example/HR").is_ok(), "another page");
}

#[test]
fn several_tabs_do_not_disturb_each_other() {
    let (estate, mut alice) = (Estate::new(), Person::default());
    let tabs = ["https://app.example/HR/1", "https://app.example/HR/2", OTHER];
    let under_way = tabs.map(|url| estate.follow(&mut alice, url));
    let mut under_way: Vec<_> = under_way.into_iter().zip(tabs).collect();
    under_way.reverse();
    for (ended, url) in under_way {
        assert_eq!(page(estate.sign_in(&mut alice, ended)).0, url);
    }
}

#[test]
fn idp_missing() {
    let estate = Estate::new();
    let mut alice = Person::default();
    let url = "https://app.example/.access/login?idp=other";
    assert_eq!(estate.visit(&mut alice, url).err(), Some(Refusal::IdpMissing));
    // The application counts on a provider that the auth host does not have.
    let auth = AUTH.replace("test", "elsewhere");
    let mut estate = Estate::new();
    let idp = IdentityProvider::from_json("elsewhere", &idp_json(&["rsa"])).unwrap();
    let world = estate.worlds.get_mut("auth.example").unwrap();
    let policy = Policy::from_json(&auth).unwrap();
    let base = "https://auth.example".to_owned();
    world.application = Application::new("auth.example", base, policy, vec![idp]).unwrap();
    let ended = estate.follow(&mut alice, APP);
    assert!(matches!(ended, Ended::Refused(Refusal::IdpMissing)), "{ended:?}");
}
