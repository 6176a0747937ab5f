//! The sign-in of the command line.

use super::*;
use vestibule::gate::Target;

const REDIRECT: &str = "http://127.0.0.1:4711/";
const VERIFIER: &str = "abcdefghijklmnopqrstuvwxyz0123456789-._~ABC";
/// base64url of the SHA-256 of the verifier (RFC 7636 4.2).
const CHALLENGE: &str = "01ZMlLDptILCmAeK1WZ14Du9xRCvfr-aPWvX7e4Hk4U";
const STATE: &str = "AAAAAAAAAAAAAAAAAAAAAA";

fn page(redirect: &str) -> String {
    let fields = [("redirect", redirect), ("state", STATE), ("challenge", CHALLENGE)];
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    format!("/.access/cli?{query}")
}

/// The sealed question in the page that a person is asked by.
fn question(world: &World, browser: &Browser) -> String {
    let reply = world.reply(browser, &page(REDIRECT));
    let (_, rest) = reply.body.split_once("name=\"question\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// The form of that page, as a browser sends it.
fn allow(
    world: &World,
    browser: &Browser,
    question: &str,
    site: &str,
) -> Result<(Deposit, Reply), Refusal> {
    let mut browser = Browser { method: Some("POST"), ..browser.clone() };
    browser.headers.push(("content-type", FORM.unwrap().to_owned()));
    if site.starts_with("https://") {
        browser.headers.push(("origin", site.to_owned()));
    } else if !site.is_empty() {
        browser.headers.push(("sec-fetch-site", site.to_owned()));
    }
    let form = [("question", question)];
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let allowed = world.gate(|gate| gate.allow_command_line(&browser, body.as_bytes()));
    allowed.map_err(|refused| refused.refusal)
}

fn exchange(world: &World, verifier: &str, taken: Taken) -> Result<String, Refusal> {
    let body = format!("code=x&verifier={verifier}");
    let exchange = read_exchange(FORM, body.as_bytes())?;
    let reply = world.gate(|gate| gate.exchange(&exchange, taken));
    let (reply, issued) = reply.map_err(|refused| refused.refusal)?;
    assert_eq!((issued.person.as_str(), issued.idp.as_str()), ("alice@example.com", "test"));
    let given: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(given["ends"], issued.until);
    Ok(given["token"].as_str().unwrap().to_owned())
}

fn signed_in() -> (World, Browser) {
    let (world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    (world, alice)
}

fn token(world: &World, alice: &Browser) -> String {
    let (deposit, _) = allow(world, alice, &question(world, alice), "same-origin").unwrap();
    exchange(world, VERIFIER, Taken::Deposit(deposit.sealed)).unwrap()
}

/// What shows a token, and keeps no cookies.
fn curl(token: &str) -> Browser {
    let headers = vec![
        ("x-access-token", token.to_owned()),
        ("accept", "*/*".to_owned()),
        ("sec-fetch-mode", String::new()),
    ];
    Browser { headers, ..Browser::default() }
}

#[test]
fn a_token_is_the_person_for_an_hour() {
    let (world, alice) = signed_in();
    let (deposit, reply) = allow(&world, &alice, &question(&world, &alice), "same-origin").unwrap();
    let url = refresh(&reply).unwrap();
    assert!(url.starts_with("http://127.0.0.1:4711/?code="), "{url}");
    assert!(url.ends_with(&format!("&state={STATE}")), "{url}");
    assert!(!deposit.sealed.contains("alice") && !url.contains(&deposit.key));
    let token = exchange(&world, VERIFIER, Taken::Deposit(deposit.sealed)).unwrap();
    let curl = curl(&token);
    let forward = world.forward(&curl, "/HR");
    assert_eq!(header(&forward.set(), "x-access-email"), Some("alice@example.com"));
    assert!(forward.remove.contains(&"x-access-token".to_owned()));
    assert_eq!(forward.set_cookies, Vec::<String>::new());
    assert_eq!(world.refusal(&curl, "/IT"), Refusal::NotAllowed);
    assert!(world.reply(&curl, "/.access/whoami").body.contains("alice@example.com"));
    world.now.set(NOW + 3_599);
    world.forward(&curl, "/HR");
    world.now.set(NOW + 3_600);
    assert_eq!(world.refusal(&curl, "/HR"), Refusal::AccessTokenRefused);
}

#[test]
fn the_assertion_of_a_token_ends_with_it_and_that_of_its_session_does_not() {
    let (mut world, mut alice) = (World::new(), Browser::default());
    let policy = POLICY.replace(r#""max_age": "1h""#, r#""max_age": "2h""#);
    let idp = idp_json(&["rsa"]);
    world = World::at("app.example", &policy, world.deployment, &idp);
    world.sign_in(&mut alice, "/");
    let curl = curl(&token(&world, &alice));
    let (ends, browser, command_line) = (NOW + 3_600, "a browser", "the command line");
    for (later, who, expires) in [
        (3_580, browser, NOW + 3_580 + 600),
        (3_581, command_line, ends),
        (3_599, command_line, ends),
        (3_600, browser, NOW + 3_580 + 600),
    ] {
        world.now.set(NOW + later);
        let asks = if who == browser { &alice } else { &curl };
        assert_eq!(claims(&world.forward(asks, "/HR"))["exp"], expires, "{who} {later}");
    }
}

/// As every sign-in that begins, so that it is counted.
#[test]
fn who_is_not_signed_in_is_sent_to_a_sign_in() {
    let answer = World::new().ask(&Browser::default(), &page(REDIRECT));
    assert!(matches!(answer, Ok(Answer::SignIn(..))), "{answer:?}");
}

#[test]
fn a_token_finds_what_its_person_may_open() {
    let (world, alice) = signed_in();
    let curl = curl(&token(&world, &alice));
    let Ok(Answer::Apps(session)) = world.ask(&curl, "/.access/apps") else { panic!("no list") };
    let target = Target::parse("https://app.example/.access/apps").unwrap();
    let apps = world.finish(world.gate(|gate| gate.apps(&curl, &target, &session, &[])).unwrap());
    assert!(apps.body.contains("https://app.example/"), "{}", apps.body);
}

#[test]
fn access_token_refused() {
    let (world, mut alice) = signed_in();
    let good = token(&world, &alice);
    let cookie = alice.cookies["__Host-access"].clone();
    let changed = format!("{}A", &good[..good.len() - 1]);
    for bad in ["", "x", changed.as_str(), cookie.as_str(), cookie.split('.').nth(1).unwrap()] {
        // Whatever else the request carries.
        alice.headers = vec![("x-access-token", bad.to_owned())];
        assert_eq!(world.refusal(&alice, "/HR"), Refusal::AccessTokenRefused, "{bad}");
        assert_eq!(world.refusal(&alice, "/assets/a"), Refusal::AccessTokenRefused, "{bad}");
    }
    assert_eq!(Refusal::AccessTokenRefused.status(), 401);
    // At another host, as a cookie, and after the session has ended.
    let policy = policy("other.test", r#""idps": ["test"]"#);
    let other = World::at("other.test", &policy, World::new().deployment, &idp_json(&["rsa"]));
    assert_eq!(other.refusal(&curl(&good), "/HR"), Refusal::AccessTokenRefused);
    let mut thief = Browser::default();
    thief.cookies.insert("__Host-access".into(), format!("1.{good}"));
    assert!(matches!(world.ask(&thief, "/HR"), Ok(Answer::SignIn(..))));
    world.forward(&curl(&good), "/HR");
    let ended = world.sign_out(&Browser { headers: Vec::new(), ..alice }, "/.access/logout");
    world.stamp(&ended.revoke);
    assert_eq!(world.refusal(&curl(&good), "/HR"), Refusal::AccessTokenRefused);
}

#[test]
fn a_token_lives_no_longer_than_its_session() {
    let (world, alice) = signed_in();
    world.now.set(NOW + 3_000);
    let token = token(&world, &alice);
    world.now.set(NOW + 3_599);
    world.forward(&curl(&token), "/HR");
    world.now.set(NOW + 3_600);
    assert_eq!(world.refusal(&curl(&token), "/HR"), Refusal::AccessTokenRefused);
}

/// A token signs nobody in or out, and gets no other token.
#[test]
fn a_token_is_no_session() {
    let (world, alice) = signed_in();
    let curl =
        Browser { headers: vec![("x-access-token", token(&world, &alice))], ..<_>::default() };
    let reply = world.reply(&curl, &page(REDIRECT));
    assert!(reply.body.contains("SAMLRequest"));
    assert_eq!(world.sign_out(&curl, "/.access/logout").revoke, []);
}

#[test]
fn command_line_malformed() {
    let (world, alice) = signed_in();
    for redirect in [
        "",
        "http://localhost:4711/",
        "http://127.0.0.1/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:65536/",
        "http://127.0.0.1:+80/",
        "http://127.0.0.1:80@evil.example/",
        "http://127.0.0.1.evil.example:80/",
        "http://127.0.0.1:80/#",
        "http://127.0.0.1:80/x",
        "http://127.0.0.2:80/",
        "https://127.0.0.1:80/",
        "http://evil.example:80/",
        "http://[::2]:80/",
    ] {
        let refused = world.refusal(&alice, &page(redirect));
        assert_eq!(refused, Refusal::CommandLineMalformed, "{redirect}");
    }
    assert!(world.reply(&alice, &page("http://[::1]:80/")).body.contains("question"));
    for (from, to) in [(STATE, "x"), (CHALLENGE, STATE), ("state=", "status=")] {
        let refused = world.refusal(&alice, &page(REDIRECT).replace(from, to));
        assert_eq!(refused, Refusal::CommandLineMalformed, "{to}");
    }
    // Nobody is signed in: first that, and then back here.
    let mut bob = Browser::default();
    let landed = world.sign_in(&mut bob, &page(REDIRECT));
    assert_eq!(header(&landed.headers, "location"), Some(&*page(REDIRECT)));
}

#[test]
fn command_line_forged() {
    let (world, alice) = signed_in();
    let asked = question(&world, &alice);
    for site in ["cross-site", "same-site", "none", "", "https://evil.example"] {
        let refused = allow(&world, &alice, &asked, site).err();
        assert_eq!(refused, Some(Refusal::CommandLineForged), "{site}");
    }
    assert!(allow(&world, &alice, &asked, "https://app.example").is_ok());
    let mut bob = Browser::default();
    world.now.set(NOW + 1);
    world.sign_in(&mut bob, "/");
    for (name, browser, asked) in [
        ("another session's", &alice, question(&world, &bob)),
        ("made up", &alice, "x".to_owned()),
        ("nobody's", &Browser::default(), asked.clone()),
    ] {
        let refused = allow(&world, browser, &asked, "same-origin").err();
        assert_eq!(refused, Some(Refusal::CommandLineForged), "{name}");
    }
    world.now.set(NOW + 600);
    let late = allow(&world, &alice, &asked, "same-origin").err();
    assert_eq!(late, Some(Refusal::CommandLineForged));
    // What is sent twice is one and the same, which the ledger takes once.
    let again = question(&world, &alice);
    let [one, two] = [(); 2].map(|()| allow(&world, &alice, &again, "same-origin").unwrap().0.key);
    assert_eq!(one, two);
}

#[test]
fn command_line_code_refused() {
    let (world, alice) = signed_in();
    let deposit = || {
        let (deposit, _) = allow(&world, &alice, &question(&world, &alice), "same-origin").unwrap();
        Taken::Deposit(deposit.sealed)
    };
    let refused = Err(Refusal::CommandLineCodeRefused);
    assert_eq!(exchange(&world, VERIFIER, Taken::Before), refused);
    assert_eq!(exchange(&world, VERIFIER, Taken::Unknown), refused);
    assert_eq!(exchange(&world, VERIFIER, Taken::Deposit("x".into())), refused);
    assert_eq!(exchange(&world, &VERIFIER.replace('a', "b"), deposit()), refused);
    let late = deposit();
    world.now.set(NOW + 60);
    assert_eq!(exchange(&world, VERIFIER, late), refused);
    let policy = policy("other.test", r#""idps": ["test"]"#);
    let other = World::at("other.test", &policy, World::new().deployment, &idp_json(&["rsa"]));
    assert_eq!(exchange(&other, VERIFIER, deposit()), refused);
    for body in ["", "code=x", "verifier=x", "code=x&code=y&verifier=z"] {
        let read = read_exchange(FORM, body.as_bytes()).err();
        assert_eq!(read, Some(Refusal::CommandLineMalformed), "{body}");
    }
}
