//! What becomes of a request, with and without a session.

use super::*;

#[test]
fn the_assertion_to_the_origin_is_signed_once_a_session() {
    let (world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    let jwt = |path| header(&world.forward(&alice, path).set(), "x-access-jwt").unwrap().to_owned();
    let first = jwt("/");
    assert_eq!(jwt("/HR"), first);
    world.now.set(NOW + 500);
    let second = jwt("/");
    assert_ne!(second, first, "less than two minutes were left");
}

#[test]
fn a_person_is_introduced_once_a_minute() {
    let (world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    let introduction = || world.forward(&alice, "/HR").introduction.unwrap();
    let first = introduction();
    for (later, same) in [(59, true), (60, false), (-1, false)] {
        world.now.set(NOW + later);
        assert_eq!(Rc::ptr_eq(&introduction(), &first), same, "{later}");
        world.now.set(NOW);
    }
}

#[test]
fn a_public_path_is_bare_of_identity_even_with_a_session() {
    let (world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    alice.headers.push(("x-access-email", "boss@example.com".into()));
    let forward = world.forward(&alice, "/assets/logo.svg");
    assert_eq!(forward.set(), []);
    assert_eq!(forward.remove, ["x-access-email", "cookie"]);
}

#[test]
fn a_path_is_forwarded_as_it_was_decided() {
    let (world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    assert_eq!(world.forward(&alice, "//HR//%48").url, "https://app.example/HR/H");
    for (path, refusal) in [
        ("/HR/..%2fIT", Refusal::PathDotSegment),
        ("/HR/a%2fIT", Refusal::PathEncodedSlash),
        ("/HR/%2e%2e/IT", Refusal::PathDotSegment),
        ("/HR/..;/IT", Refusal::PathDotSegment),
        ("/HR\\..\\IT", Refusal::PathBackslash),
        ("/HR/%00", Refusal::PathControl),
        ("/HR/%2548", Refusal::PathDoubleEncoded),
        ("/%49T", Refusal::NotAllowed),
        ("/HRX", Refusal::NotAllowed),
        ("/hr", Refusal::NotAllowed),
        ("/elsewhere", Refusal::NotAllowed),
    ] {
        assert_eq!(world.refusal(&alice, path), refusal, "{path}");
    }
}

#[test]
fn idp_document_unusable() {
    for landing in ["https://evil.example/", "//evil.example", "start", "/a\\b", ""] {
        let idp = idp_and(serde_json::json!({ "unsolicited": landing }));
        let idp = IdentityProvider::from_json("test", &idp).unwrap();
        let policy = Policy::from_json(POLICY).unwrap();
        let refused = Application::new("app.example", String::new(), policy, vec![idp]);
        assert_eq!(
            refused.err().map(|r| r.refusal),
            Some(Refusal::IdpDocumentUnusable),
            "{landing}"
        );
    }
}

#[test]
fn no_page_of_ours_is_forwarded() {
    let (world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    for path in
        ["/.access", "/.access/", "/.access/x", "/.access/acs", "//.access//x", "/%2Eaccess/x"]
    {
        assert_eq!(world.refusal(&alice, path), Refusal::NoSuchPage, "{path}");
    }
    assert!(world.reply(&alice, "/.access/metadata").body.contains("/.access/acs"));
    assert!(world.reply(&alice, "/.access/jwks.json").body.contains("\"kty\":\"EC\""));
    assert!(world.reply(&alice, "/.access/whoami").body.contains("alice@example.com"));
}

#[test]
fn document_unusable() {
    let hosts = |hosts: &str| {
        let document = POLICY.replace(r#"["app.example"]"#, hosts);
        Policy::from_json(&document).unwrap()
    };
    for (host, written) in [
        ("other.example", r#"["app.example"]"#),
        ("a.b.example.com", r#"["*.example.com"]"#),
        ("example.com", r#"["*.example.com"]"#),
        (".example.com", r#"["*.example.com"]"#),
        ("*.example.com", r#"["*.example.com"]"#),
    ] {
        let refused = Application::new(host, String::new(), hosts(written), vec![]);
        assert_eq!(refused.err().map(|r| r.refusal), Some(Refusal::DocumentUnusable), "{host}");
    }
    let wildcard = hosts(r#"["*.example.com"]"#);
    assert!(Application::new("app.example.com", String::new(), wildcard, vec![]).is_ok());
}

#[test]
fn binding_missing() {
    let seal = serde_json::json!({ "keys": [new_seal_key([5; 32])] }).to_string();
    let nothing = Deployment::read(|_| None).err().unwrap();
    assert_eq!((nothing.refusal, nothing.detail.as_str()), (Refusal::BindingMissing, "SEAL_KEYS"));
    let half = Deployment::read(|name| (name == "SEAL_KEYS").then(|| seal.clone())).err().unwrap();
    assert_eq!((half.refusal, half.detail.as_str()), (Refusal::BindingMissing, "SIGN_KEYS"));
}

#[test]
fn a_policy_change_reaches_those_who_are_signed_in() {
    let (mut world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    world.now.set(NOW + 600);
    world.forward(&alice, "/");
    let changed = |from: &str, to: &str| Policy::from_json(&POLICY.replace(from, to)).unwrap();
    let idp = |id: &str| IdentityProvider::from_json(id, &idp_json(&["rsa"])).unwrap();
    let base = || "https://app.example".to_owned();

    let policy = changed(r#""1h""#, r#""5m""#);
    world.application = Application::new("app.example", base(), policy, vec![idp("test")]).unwrap();
    assert!(matches!(world.ask(&alice, "/"), Ok(Answer::SignIn(..))), "a shorter session");

    let policy = changed(r#"["test"]"#, r#"["other"]"#);
    world.application =
        Application::new("app.example", base(), policy, vec![idp("other")]).unwrap();
    assert!(matches!(world.ask(&alice, "/"), Ok(Answer::SignIn(..))), "another identity provider");
}

#[test]
fn what_is_let_through_is_recorded() {
    let (world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    let decided = |browser: &Browser, path| world.forward(browser, path).decided;
    let by_alice = Decided {
        rule: Some("/HR/**".into()),
        person: Some("alice@example.com".into()),
        idp: Some("test".into()),
        // Of the groups, those that the policy names.
        groups: Some(vec!["HR".into()]),
        ..Decided::default()
    };
    assert_eq!(decided(&alice, "//HR?token=swordfish"), by_alice);
    // A public rule knows nobody, also in the log.
    let public = Decided { rule: Some("/assets/**".into()), ..Decided::default() };
    assert_eq!(decided(&alice, "/assets/a"), public);
    assert_eq!(decided(&Browser::default(), "/assets/a"), public);
}

#[test]
fn what_rules_in_report_mode_would_do_is_recorded_and_not_done() {
    let (mut world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    let more = r#""rules": [
        { "path": "/HR/**", "deny": true, "mode": "report" },
        { "path": "/IT/**", "allow": "signed-in", "mode": "report" },"#;
    let policy = Policy::from_json(&POLICY.replace(r#""rules": ["#, more)).unwrap();
    let idp = IdentityProvider::from_json("test", &idp_json(&["rsa"])).unwrap();
    let base = "https://app.example".to_owned();
    world.application = Application::new("app.example", base, policy, vec![idp]).unwrap();
    let reported = |verdict, rule: &str| Some(Reported { verdict, rule: Some(rule.to_owned()) });
    let forward = world.forward(&alice, "/HR");
    assert_eq!(forward.decided.reported, reported(Verdict::Deny, "/HR/**"));
    assert_eq!(world.forward(&alice, "/").decided.reported, None);
    let refused = world.ask(&alice, "/IT").unwrap_err();
    assert_eq!(refused.decided.reported, reported(Verdict::Allow, "/IT/**"));
}

#[test]
fn a_candidate_is_decided_beside_the_live_policy_and_logged_where_it_differs() {
    let (mut world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    let release = format!(
        r#""release": {{ "number": 7, "digest": "{}", "author": "a", "time": "2026-11-24T00:00:00Z" }},"#,
        "0".repeat(64)
    );
    let rules = POLICY.replace(r#""group": "HR""#, r#""group": "IT""#);
    let candidate = rules.replacen("{", &format!("{{ {release}"), 1);
    world.application.candidate = Some(Policy::from_json(&candidate).unwrap());
    let tried = |verdict, rule: &str| {
        Some(Candidate { verdict, rule: Some(rule.to_owned()), release: Some(7) })
    };
    let forward = world.forward(&alice, "/HR");
    assert_eq!(forward.decided.candidate, tried(Verdict::Deny, "/HR/**"));
    assert_eq!(world.forward(&alice, "/").decided.candidate, None);

    let public = candidate.replace(r#""allow": "signed-in""#, r#""public": true"#);
    world.application.candidate = Some(Policy::from_json(&public).unwrap());
    let Ok(Answer::SignIn(_, decided)) = world.ask(&Browser::default(), "/") else { panic!() };
    assert_eq!(decided.candidate, tried(Verdict::Allow, "/"));
    assert_eq!(decided.rule.as_deref(), Some("/"));
}

#[test]
fn service_token_refused() {
    let mut world = World::new();
    let policy = POLICY.replace(
        r#"{ "path": "/", "#,
        r#"{ "path": "/api/**", "allow": { "service": "backup" } }, { "path": "/", "#,
    );
    let policy = Policy::from_json(&policy).unwrap();
    let base = "https://app.example".to_owned();
    let idp = IdentityProvider::from_json("test", &idp_json(&["rsa"])).unwrap();
    world.application = Application::new("app.example", base, policy, vec![idp]).unwrap();
    for id in ["backup", "unnamed"] {
        let secret = HashedSecret { sha256: hash("right"), expires: NOW + 60 };
        let document = ServiceDocument { name: id.into(), secrets: vec![secret] };
        world.application.services.insert(id.into(), document);
    }
    let mut alice = Browser::default();
    world.sign_in(&mut alice, "/");
    let showing = |id: Option<&str>, secret: Option<&str>| {
        let mut browser = alice.clone();
        browser.headers.extend(id.map(|id| ("x-access-client-id", id.to_owned())));
        browser.headers.extend(secret.map(|text| ("x-access-client-secret", text.to_owned())));
        browser
    };
    let right = showing(Some("backup"), Some("right"));
    let forward = world.forward(&right, "/api/x");
    let headers = forward.set();
    let set = |name: &str| header(&headers, name);
    assert_eq!(set("x-access-subject").unwrap(), "service/backup");
    assert_eq!((set("x-access-email"), set("x-access-groups")), (None, None));
    assert_eq!(forward.decided.person.as_deref(), Some("service/backup"));
    let removed: Vec<&str> = forward.remove.iter().map(String::as_str).collect();
    assert!(removed.contains(&"x-access-client-secret"), "{removed:?}");

    // 401 for a bad token, whoever is signed in and wherever it goes.
    let bad = [
        (Some("backup"), Some("wrong")),
        (Some("backup"), None),
        (None, Some("right")),
        (Some("nobody"), Some("right")),
        (Some(""), Some("")),
    ];
    for (id, secret) in bad {
        for path in ["/api/x", "/", "/assets/x"] {
            let refused = world.ask(&showing(id, secret), path).unwrap_err();
            assert_eq!(refused.refusal, Refusal::ServiceTokenRefused, "{id:?} {path}");
        }
    }
    assert_eq!(Refusal::ServiceTokenRefused.status(), 401);
    // 403 for a good one without permission: nothing here is for any service, or for this one.
    for (id, path) in [("backup", "/"), ("backup", "/HR"), ("unnamed", "/api/x")] {
        let refused = world.ask(&showing(Some(id), Some("right")), path).unwrap_err();
        assert_eq!(refused.refusal, Refusal::NotAllowed, "{id} {path}");
        assert_eq!(refused.decided.person, Some(format!("service/{id}")));
    }
    world.now.set(NOW + 60);
    assert_eq!(world.ask(&right, "/api/x").unwrap_err().refusal, Refusal::ServiceTokenRefused);
}

#[test]
fn an_assertion_ends_with_the_secret_that_was_shown() {
    let mut world = World::new();
    let policy = POLICY.replace(r#"{ "group": "HR" }"#, r#"{ "service": "backup" }"#);
    let deployment = world.deployment;
    world = World::at("app.example", &policy, deployment, &idp_json(&["rsa"]));
    let secret = |text, expires| HashedSecret { sha256: hash(text), expires };
    let secrets = vec![secret("old", NOW + 10), secret("new", NOW + 9_000)];
    let document = ServiceDocument { name: "Backup".into(), secrets };
    world.application.services.insert("backup".into(), document);
    for (later, shown, expires) in
        [(0, "new", NOW + 600), (1, "old", NOW + 10), (9, "old", NOW + 10), (10, "new", NOW + 600)]
    {
        world.now.set(NOW + later);
        let mut machine = Browser::default();
        machine.headers.push(("x-access-client-id", "backup".to_owned()));
        machine.headers.push(("x-access-client-secret", shown.to_owned()));
        assert_eq!(claims(&world.forward(&machine, "/HR"))["exp"], expires, "{shown} {later}");
    }
}

#[test]
fn a_session_ends_when_it_is_not_used_and_lives_on_when_it_is() {
    let (mut world, mut alice) = (World::new(), Browser::default());
    let policy = POLICY.replace(r#""max_age": "1h""#, r#""max_age": "1h", "idle": "8m""#);
    let policy = Policy::from_json(&policy).unwrap();
    let idp = IdentityProvider::from_json("test", &idp_json(&["rsa"])).unwrap();
    let base = "https://app.example".to_owned();
    world.application = Application::new("app.example", base, policy, vec![idp]).unwrap();
    world.sign_in(&mut alice, "/");
    let keep = |browser: &mut Browser, set: &[String]| {
        let headers = set.iter().map(|cookie| ("set-cookie", cookie.clone())).collect();
        browser.keep(&Reply { status: 200, headers, body: String::new() });
    };
    world.now.set(NOW + 59);
    assert_eq!(world.forward(&alice, "/").set_cookies, [] as [&str; 0], "seen a moment ago");
    world.now.set(NOW + 60);
    assert_eq!(world.forward(&alice, "/assets/x").set_cookies, [] as [&str; 0], "public");
    let idler = alice.clone();
    for minute in (7..60).step_by(7) {
        world.now.set(NOW + minute * 60);
        let forward = world.forward(&alice, "/");
        assert!(!forward.set_cookies.is_empty(), "{minute}");
        keep(&mut alice, &forward.set_cookies);
    }
    assert!(matches!(world.ask(&idler, "/"), Ok(Answer::SignIn(..))), "not used for an hour");
    world.now.set(NOW + 3_599);
    assert!(matches!(world.ask(&alice, "/"), Ok(Answer::Forward(_))));
    world.now.set(NOW + 3_600);
    assert!(matches!(world.ask(&alice, "/"), Ok(Answer::SignIn(..))), "max_age is the end");

    let mut late = Browser::default();
    world.now.set(NOW);
    world.sign_in(&mut late, "/");
    for (now, open) in [(NOW + 479, true), (NOW + 480, false)] {
        world.now.set(now);
        assert_eq!(matches!(world.ask(&late, "/"), Ok(Answer::Forward(_))), open, "{now}");
    }
}

#[test]
fn other_headers_tell_who_asks_where_the_document_says_so() {
    let (mut world, mut alice) = (World::new(), Browser::default());
    let more = r#""headers": ["oauth2-proxy", "authelia", "cloudflare-access", { "X-User-Mail": "email" }], "rules": ["#;
    let policy = Policy::from_json(&POLICY.replace(r#""rules": ["#, more)).unwrap();
    let idp = IdentityProvider::from_json("test", &idp_json(&["rsa"])).unwrap();
    let base = "https://app.example".to_owned();
    world.application = Application::new("app.example", base, policy, vec![idp]).unwrap();
    world.sign_in(&mut alice, "/");
    for name in ["x-user-mail", "x_user_mail"] {
        alice.headers.push((name, "mallory@evil.example".into()));
    }
    let forward = world.forward(&alice, "/");
    let headers = forward.set();
    let set = |name| header(&headers, name).unwrap();
    let email = "alice@example.com";
    for name in [
        "x-access-email",
        "x-auth-request-email",
        "x-forwarded-email",
        "remote-email",
        "cf-access-authenticated-user-email",
        "x-user-mail",
    ] {
        assert_eq!(set(name), email, "{name}");
    }
    assert_eq!(set("remote-groups"), "HR,R&D%2C West");
    assert_eq!(set("x-forwarded-user"), set("x-access-subject"));
    assert_eq!(set("cf-access-jwt-assertion"), set("x-access-jwt"));
    // A public path tells nothing, and lets nobody else tell it.
    for browser in [&alice, &Browser { headers: alice.headers.clone(), ..Browser::default() }] {
        let forward = world.forward(browser, "/assets/x");
        assert!(!forward.set().iter().any(|(_, value)| value.contains("alice")));
        for name in ["x-user-mail", "x_user_mail"] {
            assert!(forward.remove.iter().any(|removed| removed == name), "{name}");
        }
    }
}
