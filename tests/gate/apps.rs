//! The applications that a person may open.

use super::*;
use vestibule::gate::{Target, Whence};

const OTHERS: &[(&str, &str, &str)] = &[
    ("hr.example", "HR", r#"{ "path": "/**", "allow": { "group": "HR" } }"#),
    ("it.example", "IT", r#"{ "path": "/**", "allow": { "group": "IT" } }"#),
    ("fresh.example", "Fresh", r#"{ "path": "/**", "allow": { "signed_in_within": "5m" } }"#),
    ("shop.example", "Shop", r#"{ "path": "/start/**", "allow": "signed-in" }"#),
    ("office.example", "Office", r#"{ "path": "/**", "allow": { "ip": "192.0.2.0/24" } }"#),
];

fn documents(idp: &str) -> Vec<(String, Policy)> {
    let document = |(host, name, rule): &(&str, &str, &str)| {
        let text = format!(
            r#"{{ "name": "{name}", "hosts": ["{host}"], "sign_in": {{ "idps": ["{idp}"] }},
                "look": {{ "start": "/start", "about": "About {name} & more" }},
                "rules": [{rule}] }}"#
        );
        ((*host).to_owned(), Policy::from_json(&text).unwrap())
    };
    OTHERS.iter().map(document).collect()
}

fn apps(world: &World, browser: &Browser, path: &str, documents: &[(String, Policy)]) -> Reply {
    let Ok(Answer::Apps(session)) = world.ask(browser, path) else { panic!("no list") };
    let target = Target::parse(&format!("https://app.example{path}")).unwrap();
    world.finish(world.gate(|gate| gate.apps(browser, &target, &session, documents)).unwrap())
}

fn links(page: &str) -> Vec<&str> {
    page.split("<li><a href=\"").skip(1).map(|link| link.split('"').next().unwrap()).collect()
}

#[test]
fn a_person_finds_what_they_may_open_and_nothing_else() {
    let (world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    world.now.set(NOW + 600);
    let page = apps(&world, &alice, "/.access/apps", &documents("test")).body;
    // She is in HR, signed in ten minutes ago, and not in the office.
    let open = [
        "https://app.example/",
        "https://hr.example/start",
        "https://fresh.example/start",
        "https://shop.example/start",
    ];
    assert_eq!(links(&page), open);
    assert!(page.contains("<small>About HR &#38; more</small>"), "{page}");
    for hidden in ["it.example", "IT", "office.example"] {
        assert!(!page.contains(hidden), "{hidden}: {page}");
    }
    assert!(page.contains("alice@example.com") && !page.contains("type=\"search\""));
}

#[test]
fn in_the_office_there_is_more() {
    let (world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    alice.whence = Whence { ip: Some("192.0.2.7".parse().unwrap()), ..Whence::default() };
    let page = apps(&world, &alice, "/.access/apps", &documents("test")).body;
    assert!(links(&page).contains(&"https://office.example/start"), "{page}");
}

/// Facts of one identity provider say nothing where people sign in at another.
#[test]
fn applications_of_another_identity_provider_are_not_listed() {
    let (world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    let page = apps(&world, &alice, "/.access/apps", &documents("other")).body;
    assert_eq!(links(&page), ["https://app.example/"]);
}

#[test]
fn search_by_name_use_and_host() {
    let (world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    for (search, found) in [
        ("shop", &["https://shop.example/start"][..]),
        ("ABOUT%20H", &["https://hr.example/start"]),
        ("fresh.ex", &["https://fresh.example/start"]),
        (
            "%20%20",
            &[
                "https://app.example/",
                "https://hr.example/start",
                "https://fresh.example/start",
                "https://shop.example/start",
            ],
        ),
        ("nothing", &[]),
        ("%22%3E%3Cscript%3E", &[]),
    ] {
        let path = format!("/.access/apps?q={search}");
        let page = apps(&world, &alice, &path, &documents("test")).body;
        assert_eq!(links(&page), found, "{search}");
        assert!(!page.contains("<script"), "{search}");
    }
}

#[test]
fn json_for_scripts_and_a_sign_in_for_nobody() {
    let (world, mut alice) = (World::new(), Browser::default());
    let reply = world.reply(&alice, "/.access/apps");
    assert!(reply.body.contains("SAMLRequest"), "{}", reply.body);
    world.sign_in(&mut alice, "/");
    alice.headers.push(("sec-fetch-mode", "cors".into()));
    let reply = apps(&world, &alice, "/.access/apps?q=hr", &documents("test"));
    let found: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    let hr = serde_json::json!([
        { "name": "HR", "about": "About HR & more", "url": "https://hr.example/start" }
    ]);
    assert_eq!(found, hr);
    let script = Browser { headers: vec![("sec-fetch-mode", "cors".into())], ..Browser::default() };
    assert_eq!(world.refusal(&script, "/.access/apps"), Refusal::SignInNeeded);
}
