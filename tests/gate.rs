//! The gate from the first request to the forwarded one, natively: everything but the runtime.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod support;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use support::encryption::{CBC128, Encryption, GCM256, unwrap};
use support::response::{HONEST, NOW, Signed, idp_json, signed};
use support::{public_key, sign};
use vestibule::dsig::verify;
use vestibule::gate::{
    Answer, Application, Asked, Deployment, Forward, Gate, Own, Posted, Reply, SignOut, Target,
    Whence, read_form,
};
use vestibule::keys::{new_seal_key, new_sign_key};
use vestibule::origin_assertion::Remembered;
use vestibule::policy::Policy;
use vestibule::refusals::{Refusal, Refused};
use vestibule::revocations::{Revocations, Revoked};
use vestibule::saml::PROTOCOL;
use vestibule::saml::idp::IdentityProvider;
use vestibule::xml::{Document, Profile};

const POLICY: &str = r#"{
  "name": "Test", "hosts": ["app.example"], "sign_in": { "idps": ["test"], "max_age": "1h" },
  "rules": [
    { "path": "/", "allow": "signed-in" },
    { "path": "/HR/**", "allow": { "group": "HR" } },
    { "path": "/IT/**", "allow": { "group": "IT" }, "why": "Machines belong to IT" },
    { "path": "/safe/**", "allow": { "signed_in_within": "5m" } },
    { "path": "/assets/**", "public": true }
  ]
}"#;
const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

/// A browser: a jar of cookies, and the headers of a navigation.
#[derive(Clone, Default)]
struct Browser {
    cookies: BTreeMap<String, String>,
    headers: Vec<(&'static str, String)>,
    method: Option<&'static str>,
}

impl Asked for Browser {
    fn method(&self) -> &str {
        self.method.unwrap_or("GET")
    }
    fn header(&self, name: &str) -> Option<String> {
        if let Some((_, value)) = self.headers.iter().find(|(known, _)| *known == name) {
            return Some(value.clone());
        }
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        match name {
            "cookie" if !cookies.is_empty() => Some(cookies.join("; ")),
            "accept" => Some("text/html".into()),
            "sec-fetch-mode" => Some("navigate".into()),
            _ => None,
        }
    }
    fn header_names(&self) -> Vec<String> {
        let own = ["cookie", "accept", "sec-fetch-mode"].map(str::to_owned);
        self.headers.iter().map(|(name, _)| (*name).to_owned()).chain(own).collect()
    }
    fn whence(&self) -> Whence {
        Whence::default()
    }
}

impl Browser {
    fn keep(&mut self, reply: &Reply) {
        for (_, cookie) in reply.headers.iter().filter(|(name, _)| *name == "set-cookie") {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if rest.contains("Max-Age=0;") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// A gate whose clock and randomness the tests hold.
struct World {
    deployment: Deployment,
    application: Application,
    now: Cell<i64>,
    drawn: Cell<u8>,
    remembered: RefCell<Remembered>,
    revocations: RefCell<Revocations>,
}

impl World {
    fn new() -> Self {
        World::with(|_| None, &idp_json(&["rsa"]))
    }

    /// With a logout service at the identity provider, and a key of ours.
    fn with_logout() -> Self {
        let json: serde_json::Value = serde_json::from_str(&idp_json(&["rsa"])).unwrap();
        let service = concat!(
            r#"<SingleLogoutService Location="https://idp.example/slo" "#,
            r#"Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"/><SingleSignOnService"#
        );
        let metadata = json["metadata"].as_str().unwrap();
        with_saml_key(serde_json::json!({
            "metadata": metadata.replace("<SingleSignOnService", service)
        }))
    }

    /// With more secrets, and this identity provider.
    fn with(more: impl Fn(&str) -> Option<String>, idp: &str) -> Self {
        let seal = serde_json::json!({ "keys": [new_seal_key([5; 32])] }).to_string();
        let sign = serde_json::json!({ "keys": [new_sign_key().unwrap()] }).to_string();
        let deployment = Deployment::read(|name| match name {
            "SEAL_KEYS" => Some(seal.clone()),
            "SIGN_KEYS" => Some(sign.clone()),
            name => more(name),
        });
        let deployment = deployment.unwrap();
        let idp = IdentityProvider::from_json("test", idp).unwrap();
        let policy = Policy::from_json(POLICY).unwrap();
        let base = deployment.base_of("app.example");
        let application = Application::new("app.example", base, policy, vec![idp]).unwrap();
        World {
            deployment,
            application,
            now: Cell::new(NOW),
            drawn: Cell::new(0),
            remembered: RefCell::default(),
            revocations: RefCell::default(),
        }
    }

    fn gate<T>(&self, run: impl FnOnce(&Gate<'_>) -> T) -> T {
        let random = || {
            self.drawn.set(self.drawn.get() + 1);
            std::array::from_fn(|at| self.drawn.get().wrapping_mul(31).wrapping_add(at as u8))
        };
        run(&Gate {
            deployment: &self.deployment,
            application: &self.application,
            revocations: &self.revocations.borrow(),
            now: self.now.get(),
            random: &random,
        })
    }

    fn ask(&self, browser: &Browser, path: &str) -> Result<Answer, Refused> {
        let target = Target::parse(&format!("https://app.example{path}"))?;
        self.gate(|gate| gate.answer(browser, &target, &mut self.remembered.borrow_mut()))
    }

    fn refusal(&self, browser: &Browser, path: &str) -> Refusal {
        self.ask(browser, path).expect_err(path).refusal
    }

    fn forward(&self, browser: &Browser, path: &str) -> Forward {
        match self.ask(browser, path) {
            Ok(Answer::Forward(forward)) => forward,
            other => panic!("{path}: {other:?}"),
        }
    }

    fn reply(&self, browser: &Browser, path: &str) -> Reply {
        match self.ask(browser, path) {
            Ok(Answer::Own(own)) => self.finish(own),
            other => panic!("{path}: {other:?}"),
        }
    }

    /// Signs what is to be signed.
    fn finish(&self, own: Own) -> Reply {
        match own {
            Own::Ready(reply) => reply,
            Own::Unsigned(unsigned) => {
                let keys = self.deployment.saml.as_ref().unwrap();
                let signature = keys.newest().sign(unsigned.octets()).unwrap();
                unsigned.signed(&signature)
            }
        }
    }

    /// Begins a sign-in: the request's ID and the RelayState that the browser posts.
    fn begin(&self, browser: &mut Browser, path: &str) -> (String, String) {
        let reply = self.reply(browser, path);
        browser.keep(&reply);
        fields(&reply)
    }

    /// Posts a response, with a ledger that says `first`.
    fn post(
        &self,
        browser: &Browser,
        xml: &str,
        relay: &str,
        first: bool,
    ) -> Result<Reply, Refused> {
        let fields = [("SAMLResponse", STANDARD.encode(xml)), ("RelayState", relay.to_owned())];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let form = read_form(FORM, body.as_bytes())?;
        self.gate(|gate| {
            let claim = match gate.receive(&form, browser)? {
                Posted::Claim(claim) => *claim,
                Posted::Sealed(sealed) => {
                    let content_key = unwrap(&["sp", "sp-old"], sealed.sealed.key());
                    gate.open(*sealed, content_key.as_deref())?
                }
                Posted::Own(own) => return Ok(self.finish(own)),
            };
            gate.begin(claim, first, browser)
        })
    }

    fn sign_out(&self, browser: &Browser, path: &str) -> SignOut {
        match self.ask(browser, path) {
            Ok(Answer::SignOut(ended)) => ended,
            other => panic!("{path}: {other:?}"),
        }
    }

    /// Posts a logout message.
    fn slo(&self, browser: &Browser, xml: &str, relay: Option<&str>) -> Result<SignOut, Refused> {
        let field = if xml.contains("LogoutRequest") { "SAMLRequest" } else { "SAMLResponse" };
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair(field, &STANDARD.encode(xml));
        body.extend_pairs(relay.map(|relay| ("RelayState", relay)));
        let form = read_form(FORM, body.finish().as_bytes())?;
        self.gate(|gate| gate.slo_form(&form, &browser.header("cookie").unwrap_or_default()))
    }

    /// What the ledger does.
    fn stamp(&self, revoked: &[Revoked]) {
        let stamps = revoked.iter().map(|key| (key.as_str().to_owned(), self.now.get()));
        self.revocations.replace(Revocations::new(stamps));
    }

    fn sign_in(&self, browser: &mut Browser, path: &str) -> Reply {
        let (id, relay) = self.begin(browser, path);
        let reply = self.post(browser, &response(&id), &relay, true).unwrap();
        browser.keep(&reply);
        reply
    }
}

/// The ID of the request in the page that leads to the sign-in, and the RelayState with it.
fn fields(reply: &Reply) -> (String, String) {
    let field = |name: &str| {
        let at = reply.body.find(&format!("name=\"{name}\" value=\"")).expect(name);
        let rest = &reply.body[at + name.len() + 15..];
        rest[..rest.find('"').unwrap()].replace("&#38;", "&").replace("&#43;", "+")
    };
    let request = String::from_utf8(STANDARD.decode(field("SAMLRequest")).unwrap()).unwrap();
    let id = request.split(" ID=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    (id, field("RelayState"))
}

/// What the identity provider says when Alice signs out there.
const LOGOUT: &str = concat!(
    r#"<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" "#,
    r#"xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_logout" Version="2.0" "#,
    r#"IssueInstant="2026-11-23T12:00:00Z" Destination="https://app.example/.access/slo">"#,
    r#"<saml:Issuer>test idp</saml:Issuer><saml:NameID>alice@example.com</saml:NameID>"#,
    r#"<samlp:SessionIndex>_session</samlp:SessionIndex></samlp:LogoutRequest>"#,
);

/// The message and the RelayState in a page that posts them.
fn posted(reply: &Reply, field: &str) -> (String, Option<String>) {
    let value = |name: &str| {
        let rest = reply.body.split_once(&format!("name=\"{name}\" value=\""))?.1;
        Some(rest.split('"').next().unwrap().replace("&#43;", "+"))
    };
    let message = STANDARD.decode(value(field).unwrap()).unwrap();
    (String::from_utf8(message).unwrap(), value("RelayState"))
}

/// Alice, of the groups HR and “R&D, West”, answers the request with this ID.
fn response(id: &str) -> String {
    signed(&HONEST.replace("_request", id), Signed::Both)
}

fn header<'a>(headers: &'a [(&'static str, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

#[test]
fn signs_in_and_comes_back_to_the_page_asked_for() {
    let (world, mut alice) = (World::new(), Browser::default());
    let reply = world.sign_in(&mut alice, "/HR/payroll?year=2026");
    assert_eq!(reply.status, 303);
    assert_eq!(header(&reply.headers, "location"), Some("/HR/payroll?year=2026"));
    assert_eq!(alice.cookies.keys().collect::<Vec<_>>(), ["__Host-access"]);
    let set = reply.headers.iter().find(|(_, value)| value.starts_with("__Host-access=1."));
    assert!(set.unwrap().1.ends_with("; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax"));

    let forward = world.forward(&alice, "/HR/payroll?year=2026");
    assert_eq!(forward.url, "https://app.example/HR/payroll?year=2026");
    assert_eq!(header(&forward.set, "x-access-email"), Some("alice@example.com"));
    assert_eq!(header(&forward.set, "x-access-groups"), Some("HR,R%26D%2C%20West"));
    assert!(forward.remove.contains(&"cookie".to_owned()));

    let refused = world.ask(&alice, "/IT/").unwrap_err();
    assert_eq!(refused.refusal, Refusal::NotAllowed);
    assert_eq!(refused.detail, "Machines belong to IT");
    assert_eq!(refused.person.as_deref(), Some("alice@example.com"));
}

#[test]
fn the_assertion_to_the_origin_is_signed_once_a_session() {
    let (world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    let jwt = |path| header(&world.forward(&alice, path).set, "x-access-jwt").unwrap().to_owned();
    let first = jwt("/");
    assert_eq!(jwt("/HR"), first);
    world.now.set(NOW + 500);
    let second = jwt("/");
    assert_ne!(second, first, "less than two minutes were left");
}

#[test]
fn sign_in_needed() {
    let world = World::new();
    let script = Browser { headers: vec![("sec-fetch-mode", "cors".into())], ..Browser::default() };
    assert_eq!(world.refusal(&script, "/HR"), Refusal::SignInNeeded);
    let post = Browser { method: Some("POST"), ..Browser::default() };
    assert_eq!(world.refusal(&post, "/HR"), Refusal::SignInNeeded);
    let old = Browser { headers: vec![("x-requested-with", "x".into())], ..Browser::default() };
    assert_eq!(world.refusal(&old, "/HR"), Refusal::SignInNeeded);
    let refused = Refused::from(Refusal::SignInNeeded);
    let reply = Reply::refusing(&refused, &script, "https://app.example", "ref");
    assert_eq!(reply.status, 401);
    assert!(header(&reply.headers, "www-authenticate").unwrap().contains("/.access/login"));
}

#[test]
fn a_public_path_is_bare_of_identity_even_with_a_session() {
    let (world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    alice.headers.push(("x-access-email", "boss@example.com".into()));
    let forward = world.forward(&alice, "/assets/logo.svg");
    assert_eq!(forward.set, []);
    assert_eq!(forward.remove, ["x-access-email", "cookie"]);
}

#[test]
fn a_path_is_forwarded_as_it_was_decided() {
    let (world, mut alice) = (World::new(), Browser::default());
    world.sign_in(&mut alice, "/");
    assert_eq!(world.forward(&alice, "//HR//%48").url, "https://app.example/HR/H");
    for (path, refusal) in [
        ("/HR/..%2fIT", Refusal::PathEncodedSlash),
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
    world.now.set(NOW + 30);
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
        assert_eq!(matches!(answer, Answer::Own(_)), ends, "{name}");
    }
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
    let policy = Policy::from_json(POLICY).unwrap();
    let refused = Application::new("other.example", String::new(), policy, vec![]);
    assert_eq!(refused.err().unwrap().refusal, Refusal::DocumentUnusable);
}

#[test]
fn binding_missing() {
    let seal = serde_json::json!({ "keys": [new_seal_key([5; 32])] }).to_string();
    let nothing = Deployment::read(|_| None).err().unwrap();
    assert_eq!((nothing.refusal, nothing.detail.as_str()), (Refusal::BindingMissing, "SEAL_KEYS"));
    let half = Deployment::read(|name| (name == "SEAL_KEYS").then(|| seal.clone())).err().unwrap();
    assert_eq!((half.refusal, half.detail.as_str()), (Refusal::BindingMissing, "SIGN_KEYS"));
}

/// The identity provider's document with more, or something else, in it.
fn idp_and(more: serde_json::Value) -> String {
    let mut idp: serde_json::Value = serde_json::from_str(&idp_json(&["rsa"])).unwrap();
    idp.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    idp.to_string()
}

/// A gate that holds `SAML_KEY`, and an identity provider with more in its document.
fn with_saml_key(more: serde_json::Value) -> World {
    World::with(|name| (name == "SAML_KEY").then(|| support::pem("sp", "sp")), &idp_and(more))
}

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

#[test]
fn signing_key_missing() {
    let idp = idp_and(serde_json::json!({ "request": { "sign": true } }));
    let world = World::with(|_| None, &idp);
    assert_eq!(world.refusal(&Browser::default(), "/HR"), Refusal::SigningKeyMissing);
    assert_eq!(Refusal::SigningKeyMissing.status(), 503);
    assert!(world.reply(&Browser::default(), "/.access/metadata").body.contains("=\"false\""));
}
