//! Our metadata, our keys, and their ages.

use std::collections::BTreeSet;

use serde::Deserialize;
use vestibule::dsig::Certificate;
use vestibule::saml::{DSIG, METADATA};
use vestibule::xml::{Document, Profile};

use super::Patient;
use super::finding::Finding;
use super::gate::{code, get, told};

const DAY: i64 = 86_400;
/// Days before its end at which a certificate is spoken of.
const SOON: i64 = 30;
/// Days for which a signing key may be used.
const OLD: i64 = 365;

/// Our metadata, and the certificate in it.
pub fn metadata(patient: &Patient) -> Vec<Finding> {
    const CHECK: &str = "metadata";
    let others = patient.policy().and_then(|policy| policy.auth_host());
    if let Some(auth_host) = others.filter(|auth_host| *auth_host != patient.url.host()) {
        let why = format!("people sign in at {auth_host}, and its metadata counts");
        let remedy = format!("Ask it too: vestibule doctor https://{auth_host}.");
        return vec![Finding::unknown(CHECK, why, remedy)];
    }
    let remedy =
        "Identity providers that read it will send people elsewhere: look at the Worker's log.";
    let got = match get(patient, "/.access/metadata", &[]) {
        Ok(got) if got.status == 200 && code(&got) == Some("ok") => got,
        Ok(got) => return vec![Finding::bad(CHECK, format!("it answers {}", told(&got)), remedy)],
        Err(why) => return vec![Finding::bad(CHECK, why, remedy)],
    };
    let Ok(document) = Document::parse(&got.body, &Profile::METADATA) else {
        return vec![Finding::bad(CHECK, "it is not the XML that it should be", remedy)];
    };
    let root = document.root();
    let entity_id = root.attribute("entityID").unwrap_or_default();
    let mut nodes = root.descendants().filter(|node| node.is(METADATA, "AssertionConsumerService"));
    let acs = nodes.next().and_then(|node| node.attribute("Location")).unwrap_or_default();
    let first = if entity_id == patient.at("/.access/metadata") && acs == patient.at("/.access/acs")
    {
        Finding::good(CHECK, format!("it names {entity_id} and {acs}"))
    } else {
        let says = format!("it names {entity_id} and {acs}, and not {}", patient.url.origin());
        Finding::bad(CHECK, says, "Ask the gate by the host that people use.")
    };
    let certificates = root.descendants().filter(|node| node.is(DSIG, "X509Certificate"));
    let certificates: Vec<Certificate> =
        certificates.filter_map(|node| Certificate::from_base64(node.text().ok()?).ok()).collect();
    vec![first, certificate(patient, &certificates)]
}

fn certificate(patient: &Patient, found: &[Certificate]) -> Finding {
    const CHECK: &str = "saml-key";
    let Some(end) = found.iter().map(|one| one.not_after).max() else {
        return Finding::good(CHECK, "there is no SAML_KEY, and none is needed without encryption");
    };
    let days = end.saturating_sub(patient.now).div_euclid(DAY);
    let says = format!("the certificate of SAML_KEY ends in {days} days");
    if days < SOON {
        return Finding::bad(CHECK, says, "Make another: docs/saml-key.md.");
    }
    Finding::good(CHECK, says)
}

#[derive(Deserialize)]
struct JwkSet {
    keys: Vec<Jwk>,
}

/// What is looked at of a public key.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    kid: String,
    d: Option<String>,
    iat: Option<i64>,
}

/// The keys with which applications verify the assertion.
pub fn jwks(patient: &Patient) -> Vec<Finding> {
    const CHECK: &str = "jwks";
    let remedy =
        "Applications can't verify X-Access-Jwt: set SIGN_KEYS anew by vestibule keys new.";
    let bad = |says: String| vec![Finding::bad(CHECK, says, remedy)];
    let got = match get(patient, "/.access/jwks.json", &[]) {
        Ok(got) if got.status == 200 && code(&got) == Some("ok") => got,
        Ok(got) => return bad(format!("it answers {}", told(&got))),
        Err(why) => return bad(why),
    };
    let Ok(JwkSet { keys }) = serde_json::from_slice(&got.body) else {
        return bad("it is not a set of keys".to_owned());
    };
    if keys.iter().any(|key| key.d.is_some()) {
        let remedy = "Anybody can sign as the gate. Replace SIGN_KEYS now: vestibule keys new.";
        return vec![Finding::bad(CHECK, "it shows a private key", remedy)];
    }
    let ids: BTreeSet<&str> = keys.iter().map(|key| key.kid.as_str()).collect();
    let plain = keys.iter().all(|key| key.kty == "EC" && key.crv == "P-256" && !key.kid.is_empty());
    if keys.is_empty() || !plain || ids.len() != keys.len() {
        return bad("its keys are not EC P-256 keys with an id each".to_owned());
    }
    let many = if keys.len() == 1 { "key verifies" } else { "keys verify" };
    let says = format!("{} {many} X-Access-Jwt", keys.len());
    vec![Finding::good(CHECK, says), age(patient, &keys)]
}

fn age(patient: &Patient, keys: &[Jwk]) -> Finding {
    const CHECK: &str = "key-age";
    let rotate = "Change the keys: vestibule keys rotate.";
    let Some(made) = keys.iter().filter_map(|key| key.iat).max() else {
        let why = "the keys don't say when they were made";
        return Finding::unknown(CHECK, why, rotate);
    };
    let days = patient.now.saturating_sub(made).div_euclid(DAY);
    let says = format!("the newest signing key was made {days} days ago");
    if days > OLD {
        return Finding::bad(CHECK, says, rotate);
    }
    Finding::good(CHECK, says)
}
