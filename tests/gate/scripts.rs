//! Requests of scripts of another origin.

use super::*;

const SPA: &str = "https://spa.example";

fn world(more: &str) -> World {
    let mut world = World::new();
    let policy = POLICY.replacen("{", &format!("{{ {more},"), 1);
    let policy = Policy::from_json(&policy).unwrap_or_else(|faults| panic!("{faults:?}"));
    let idp = IdentityProvider::from_json("test", &idp_json(&["rsa"])).unwrap();
    let base = "https://app.example".to_owned();
    world.application = Application::new("app.example", base, policy, vec![idp]).unwrap();
    world
}

fn preflight(origin: &str, method: &str) -> Browser {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", "content-type"),
        ("sec-fetch-mode", "cors"),
        ("accept", "*/*"),
    ];
    let headers = headers.map(|(name, value)| (name, value.to_owned())).to_vec();
    Browser { headers, method: Some("OPTIONS"), ..Browser::default() }
}

#[test]
fn a_preflight_is_refused_where_nothing_is_said() {
    let world = World::new();
    for path in ["/HR", "/", "/safe"] {
        assert_eq!(world.refusal(&preflight(SPA, "GET"), path), Refusal::SignInNeeded, "{path}");
    }
    assert_eq!(world.refusal(&preflight(SPA, "GET"), "/elsewhere"), Refusal::NotAllowed);
    let reply =
        refusing(&world.ask(&preflight(SPA, "GET"), "/HR").unwrap_err(), &preflight(SPA, "GET"));
    assert_eq!(header(&reply.headers, "access-control-allow-origin"), None);
}

#[test]
fn a_preflight_passes_bare_where_the_document_lets_it() {
    let world = world(r#""cors": "pass""#);
    let mut alice = Browser::default();
    world.sign_in(&mut alice, "/");
    for cookies in [Browser::default().cookies, alice.cookies.clone()] {
        let asks = |method| Browser { cookies: cookies.clone(), ..preflight(SPA, method) };
        for path in ["/HR/a", "/", "/assets/x", "/safe"] {
            let forward = world.forward(&asks("PUT"), path);
            assert_eq!(forward.url, format!("https://app.example{path}"));
            assert_eq!(forward.set(), [], "{path}");
            assert_eq!(forward.decided.person, None, "{path}");
        }
        assert_eq!(world.refusal(&asks("GET"), "/elsewhere"), Refusal::NotAllowed);
        assert_eq!(world.refusal(&asks("GET"), "/.access/whoami"), Refusal::NoSuchPage);
    }
    // Only a real preflight.
    for missing in ["origin", "access-control-request-method"] {
        let mut asks = preflight(SPA, "GET");
        asks.headers.retain(|(name, _)| *name != missing);
        assert_eq!(world.refusal(&asks, "/HR"), Refusal::SignInNeeded, "{missing}");
    }
    let get = Browser { method: Some("GET"), ..preflight(SPA, "GET") };
    assert_eq!(world.refusal(&get, "/HR"), Refusal::SignInNeeded);
}

/// What passes is decided as the request that it announces, and a deny wins over it.
#[test]
fn a_preflight_passes_no_further_than_its_request_could() {
    let more = r#""cors": "pass", "rules": [
        { "path": "/closed/**", "deny": true },
        { "path": "/read/**", "methods": ["GET"], "allow": "signed-in" },"#;
    let mut world = World::new();
    let policy = Policy::from_json(&POLICY.replace(r#""rules": ["#, more)).unwrap();
    let idp = IdentityProvider::from_json("test", &idp_json(&["rsa"])).unwrap();
    let base = "https://app.example".to_owned();
    world.application = Application::new("app.example", base, policy, vec![idp]).unwrap();
    assert_eq!(world.refusal(&preflight(SPA, "GET"), "/closed/x"), Refusal::Denied);
    assert_eq!(world.refusal(&preflight(SPA, "PUT"), "/read/x"), Refusal::NotAllowed);
    world.forward(&preflight(SPA, "GET"), "/read/x");
}

#[test]
fn the_gate_answers_preflights_of_listed_origins() {
    let world = world(
        r#""cors": { "origins": ["https://spa.example"], "methods": ["GET", "PUT"],
            "headers": ["content-type", "x-csrf"], "credentials": true, "max_age": "10m" }"#,
    );
    for path in ["/HR", "/elsewhere"] {
        let reply = world.reply(&preflight(SPA, "PUT"), path);
        assert_eq!((reply.status, reply.body.as_str()), (204, ""));
        for (name, value) in [
            ("access-control-allow-origin", SPA),
            ("access-control-allow-methods", "GET, PUT"),
            ("access-control-allow-headers", "content-type, x-csrf"),
            ("access-control-allow-credentials", "true"),
            ("access-control-max-age", "600"),
            ("vary", "Origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(header(&reply.headers, name), Some(value), "{name}");
        }
    }
    let cors = |reply: &Reply| {
        reply.headers.iter().filter(|(name, _)| name.starts_with("access-control")).count()
    };
    // Nobody else: neither another host, nor one that only looks alike, nor one without a name.
    for origin in [
        "https://evil.example",
        "https://spa.example.evil.example",
        "http://spa.example",
        "https://spa.example:8443",
        "https://SPA.example",
        "https://xspa.example",
        "null",
        "*",
        "",
    ] {
        let asks = preflight(origin, "PUT");
        let refused = world.ask(&asks, "/HR").unwrap_err();
        assert_eq!(refused.refusal, Refusal::SignInNeeded, "{origin}");
        assert_eq!(cors(&refusing(&refused, &asks)), 0, "{origin}");
    }
    // Scripts of the listed origin can read why they were refused, and by which page they get in.
    let script = |origin: &str, cookies: &Browser| {
        let mut browser = preflight(origin, "GET");
        (browser.method, browser.cookies) = (Some("GET"), cookies.cookies.clone());
        browser
    };
    let mut alice = Browser::default();
    world.sign_in(&mut alice, "/");
    for (who, path, status) in [(&Browser::default(), "/HR", 401), (&alice, "/IT", 403)] {
        let asks = script(SPA, who);
        let reply = refusing(&world.ask(&asks, path).unwrap_err(), &asks);
        assert_eq!(reply.status, status);
        assert_eq!(header(&reply.headers, "access-control-allow-origin"), Some(SPA));
        assert_eq!(header(&reply.headers, "access-control-allow-credentials"), Some("true"));
        assert_eq!(header(&reply.headers, "cross-origin-resource-policy"), Some("cross-origin"));
        let exposed = header(&reply.headers, "access-control-expose-headers").unwrap();
        assert!(exposed.contains("www-authenticate"));
        let asks = script("https://evil.example", who);
        assert_eq!(cors(&refusing(&world.ask(&asks, path).unwrap_err(), &asks)), 0);
    }
    // What is let in is the application's to open to others.
    world.forward(&script(SPA, &alice), "/HR");
}

#[test]
fn without_credentials_nothing_is_said_of_them() {
    let world = world(r#""cors": { "origins": ["https://spa.example"] }"#);
    let reply = world.reply(&preflight(SPA, "GET"), "/HR");
    for name in ["allow-credentials", "allow-methods", "allow-headers", "max-age"] {
        assert_eq!(header(&reply.headers, &format!("access-control-{name}")), None, "{name}");
    }
}

#[test]
fn not_found() {
    let hides = r#""hide_refused": true"#;
    let world = world(hides);
    let mut alice = Browser::default();
    world.sign_in(&mut alice, "/");
    let answer = |browser: &Browser, path: &str| {
        let refused = world.ask(browser, path).expect_err(path);
        let reply = refusing(&refused, browser);
        (refused.refusal, reply)
    };
    let json = |browser: &Browser| {
        let mut browser = browser.clone();
        browser.headers = vec![("sec-fetch-mode", "cors".into()), ("accept", "*/*".into())];
        browser
    };
    for browser in [alice.clone(), json(&alice)] {
        let (_, nothing) = answer(&browser, "/nothing");
        assert_eq!(nothing.status, 404);
        assert_eq!(header(&nothing.headers, "x-access-gate"), Some("not-found"));
        assert!(!nothing.body.contains("alice"), "{}", nothing.body);
        for path in ["/IT", "/IT/payroll", "/nothing/else", "/HRX", "/IT/a%2fb"] {
            let (refusal, reply) = answer(&browser, path);
            assert_eq!(reply, nothing, "{path}");
            // The log knows better.
            assert!(matches!(refusal, Refusal::NotAllowed | Refusal::PathEncodedSlash), "{path}");
        }
        for method in ["POST", "DELETE", "OPTIONS"] {
            let browser = Browser { method: Some(method), ..json(&alice) };
            assert_eq!(answer(&browser, "/IT").1, answer(&browser, "/nothing").1, "{method}");
        }
    }
    world.forward(&alice, "/HR");

    // Without a sign-in every path asks for one, but what is public.
    let nobody = Browser::default();
    for path in ["/IT", "/nothing", "/HRX", "/IT/a%2fb"] {
        assert!(matches!(world.ask(&nobody, path), Ok(Answer::SignIn(..))), "{path}");
        assert_eq!(world.refusal(&json(&nobody), path), Refusal::SignInNeeded, "{path}");
        let form = Browser { method: Some("POST"), ..Browser::default() };
        assert_eq!(world.refusal(&form, path), Refusal::FormNotSent, "{path}");
    }
    world.forward(&nobody, "/assets/x");
}

#[test]
fn a_fragment_comes_back_with_the_sign_in() {
    let world = world(r#""hide_refused": true"#);
    let keeps = POLICY.replace(r#""max_age""#, r#""keep_fragment": true, "max_age""#);
    let idp = IdentityProvider::from_json("test", &idp_json(&["rsa"])).unwrap();
    let base = "https://app.example".to_owned();
    let policy = Policy::from_json(&keeps).unwrap();
    let keeping = Application::new("app.example", base, policy, vec![idp]).unwrap();
    let keeping = World { application: keeping, ..World::new() };
    for (world, location) in [(world, "/HR?a=b"), (keeping, "/HR?a=b#/boards/7;x")] {
        let mut alice = Browser::default();
        let (id, relay) = world.begin(&mut alice, "/HR?a=b");
        let mine = format!("__Host-access-fragment-{relay}");
        let other = "__Host-access-fragment-other";
        alice.cookies.insert(mine.clone(), "%2Fboards%2F7%3Bx".into());
        alice.cookies.insert(other.into(), "x".into());
        let reply = world.post(&alice, &response(&id), &relay, true).unwrap();
        assert_eq!(header(&reply.headers, "location"), Some(location));
        alice.keep(&reply);
        assert!(!alice.cookies.contains_key(&mine), "it has served");
        assert!(alice.cookies.contains_key(other), "another tab's");
        assert!(world.forward(&alice, "/HR").remove.contains(&"cookie".to_owned()));
    }
}
