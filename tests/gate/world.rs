//! A gate whose clock, randomness and ledger the tests hold, and a browser before it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::support::encryption::unwrap;
use super::support::pem;
use super::support::response::{HONEST, NOW, Signed, idp_json, signed};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use vestibule::gate::{
    Answer, Application, Asked, Deployment, Forward, Gate, Own, Posted, Refused, Reply, Scene,
    SignOut, Target, Whence, read_form,
};
use vestibule::keys::{new_seal_key, new_sign_key};
use vestibule::policy::Policy;
use vestibule::refusals::Refusal;
use vestibule::revocations::{Revocations, Revoked};
use vestibule::saml::idp::IdentityProvider;

pub const POLICY: &str = r#"{
  "name": "Test", "hosts": ["app.example"], "sign_in": { "idps": ["test"], "max_age": "1h" },
  "rules": [
    { "path": "/", "allow": "signed-in" },
    { "path": "/HR/**", "allow": { "group": "HR" } },
    { "path": "/IT/**", "allow": { "group": "IT" }, "why": "Machines belong to IT" },
    { "path": "/safe/**", "allow": { "signed_in_within": "5m" } },
    { "path": "/assets/**", "public": true }
  ]
}"#;
pub const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

/// A browser: a jar of cookies, and the headers of a navigation.
#[derive(Clone, Default)]
pub struct Browser {
    pub cookies: BTreeMap<String, String>,
    pub headers: Vec<(&'static str, String)>,
    pub method: Option<&'static str>,
    pub whence: Whence,
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
    fn header_names(&self) -> Vec<&str> {
        let own = ["cookie", "accept", "sec-fetch-mode"];
        self.headers.iter().map(|(name, _)| *name).chain(own).collect()
    }
    fn whence(&self) -> Whence {
        self.whence.clone()
    }
}

impl Browser {
    pub fn keep(&mut self, reply: &Reply) {
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
pub struct World {
    pub deployment: Deployment,
    pub application: Application,
    pub now: Cell<i64>,
    pub drawn: Cell<u8>,
    pub revocations: RefCell<Revocations>,
}

impl World {
    pub fn new() -> Self {
        World::with(|_| None, &idp_json(&["rsa"]))
    }

    /// With a logout service at the identity provider, and a key of ours.
    pub fn with_logout() -> Self {
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
    pub fn with(more: impl Fn(&str) -> Option<String>, idp: &str) -> Self {
        let seal = serde_json::json!({ "keys": [new_seal_key([5; 32])] }).to_string();
        let sign = serde_json::json!({ "keys": [new_sign_key().unwrap()] }).to_string();
        let deployment = Deployment::read(|name| match name {
            "SEAL_KEYS" => Some(seal.clone()),
            "SIGN_KEYS" => Some(sign.clone()),
            name => more(name),
        });
        World::at("app.example", POLICY, deployment.unwrap(), idp)
    }

    /// At this host.
    pub fn at(host: &str, policy: &str, deployment: Deployment, idp: &str) -> Self {
        let idp = IdentityProvider::from_json("test", idp).unwrap();
        let policy = Policy::from_json(policy).unwrap();
        let application = Application::new(host, deployment.base_of(host), policy, vec![idp]);
        let application = application.unwrap();
        World {
            deployment,
            application,
            now: Cell::new(NOW),
            drawn: Cell::new(0),
            revocations: RefCell::default(),
        }
    }

    pub fn gate<T>(&self, run: impl FnOnce(&Gate<'_>) -> T) -> T {
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

    pub fn ask(&self, browser: &dyn Asked, path: &str) -> Result<Answer, Refused> {
        let target = Target::parse(&format!("{}{path}", self.application.base))?;
        self.gate(|gate| gate.answer(browser, &target))
    }

    pub fn refusal(&self, browser: &dyn Asked, path: &str) -> Refusal {
        self.ask(browser, path).expect_err(path).refusal
    }

    pub fn forward(&self, browser: &Browser, path: &str) -> Forward {
        match self.ask(browser, path) {
            Ok(Answer::Forward(forward)) => forward,
            other => panic!("{path}: {other:?}"),
        }
    }

    pub fn reply(&self, browser: &Browser, path: &str) -> Reply {
        match self.ask(browser, path) {
            Ok(Answer::Own(own) | Answer::SignIn(own, _)) => self.finish(own),
            other => panic!("{path}: {other:?}"),
        }
    }

    /// Signs what is to be signed.
    pub fn finish(&self, own: Own) -> Reply {
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
    pub fn begin(&self, browser: &mut Browser, path: &str) -> (String, String) {
        let reply = self.reply(browser, path);
        browser.keep(&reply);
        fields(&reply)
    }

    /// Posts a response, with a ledger that says `first`.
    pub fn post(
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
            gate.begin(claim, first, browser).map(|begun| begun.reply)
        })
    }

    pub fn sign_out(&self, browser: &Browser, path: &str) -> SignOut {
        match self.ask(browser, path) {
            Ok(Answer::SignOut(ended)) => ended,
            other => panic!("{path}: {other:?}"),
        }
    }

    /// Posts a logout message.
    pub fn slo(
        &self,
        browser: &Browser,
        xml: &str,
        relay: Option<&str>,
    ) -> Result<SignOut, Refused> {
        let field = if xml.contains("LogoutRequest") { "SAMLRequest" } else { "SAMLResponse" };
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair(field, &STANDARD.encode(xml));
        body.extend_pairs(relay.map(|relay| ("RelayState", relay)));
        let form = read_form(FORM, body.finish().as_bytes())?;
        self.gate(|gate| gate.slo_form(&form, browser))
    }

    /// What the ledger does.
    pub fn stamp(&self, revoked: &[Revoked]) {
        let stamps = revoked.iter().map(|key| (key.as_str().to_owned(), self.now.get()));
        self.revocations.replace(Revocations::new(stamps));
    }

    pub fn sign_in(&self, browser: &mut Browser, path: &str) -> Reply {
        let (id, relay) = self.begin(browser, path);
        let reply = self.post(browser, &response(&id), &relay, true).unwrap();
        browser.keep(&reply);
        reply
    }
}

/// The ID of the request in the page that leads to the sign-in, and the RelayState with it.
pub fn fields(reply: &Reply) -> (String, String) {
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
pub const LOGOUT: &str = concat!(
    r#"<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" "#,
    r#"xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_logout" Version="2.0" "#,
    r#"IssueInstant="2026-11-23T12:00:00Z" Destination="https://app.example/.access/slo">"#,
    r#"<saml:Issuer>test idp</saml:Issuer><saml:NameID>alice@example.com</saml:NameID>"#,
    r#"<samlp:SessionIndex>_session</samlp:SessionIndex></samlp:LogoutRequest>"#,
);

/// The message and the RelayState in a page that posts them.
pub fn posted(reply: &Reply, field: &str) -> (String, Option<String>) {
    let value = |name: &str| {
        let rest = reply.body.split_once(&format!("name=\"{name}\" value=\""))?.1;
        Some(rest.split('"').next().unwrap().replace("&#43;", "+"))
    };
    let message = STANDARD.decode(value(field).unwrap()).unwrap();
    (String::from_utf8(message).unwrap(), value("RelayState"))
}

/// Alice, of the groups HR and “R&D, West”, answers the request with this ID.
pub fn response(id: &str) -> String {
    signed(&HONEST.replace("_request", id), Signed::Both)
}

/// The answer to who is refused.
pub fn refusing(refused: &Refused, asked: &dyn Asked) -> Reply {
    let (base, look, reference) = ("https://app.example", Arc::default(), "ref");
    Reply::refusing(refused, asked, &Scene { base, target: None, look, reference, now: NOW })
}

pub fn header<'a>(
    headers: &'a [(impl AsRef<str>, impl AsRef<str>)],
    name: &str,
) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known.as_ref() == name).map(|(_, value)| value.as_ref())
}

/// What the assertion to the application says.
pub fn claims(forward: &Forward) -> serde_json::Value {
    let set = forward.set();
    let jwt = header(&set, "x-access-jwt").unwrap();
    let claims = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

/// The identity provider's document with more, or something else, in it.
pub fn idp_and(more: serde_json::Value) -> String {
    let mut idp: serde_json::Value = serde_json::from_str(&idp_json(&["rsa"])).unwrap();
    idp.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    idp.to_string()
}

/// A gate that holds `SAML_KEY`, and an identity provider with more in its document.
pub fn with_saml_key(more: serde_json::Value) -> World {
    World::with(|name| (name == "SAML_KEY").then(|| pem("sp", "sp")), &idp_and(more))
}
