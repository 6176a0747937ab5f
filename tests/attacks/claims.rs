//! What an assertion claims, each claim alone untrue and validly signed (A29, A30, A32 to A35).

use vestibule::keys::SealKeys;
use vestibule::refusals::Refusal::{self, *};
use vestibule::remembered::Sessions;
use vestibule::saml::idp::IdentityProvider;
use vestibule::session::{Root, Session};

use super::markup::{changed, element};
use super::shapes::{all, plain};
use super::support::response::{
    ACS, ENTITY_ID, NOW, REQUEST, accept_at, accept_from, accepted, idp_json,
};
use super::support::sign;
use super::tally::Tally;
use vestibule::saml::response::{Expected, accept};

/// One untruth for each field (CVE-2026-41577 and its many like).
pub fn a29_conditions(tally: &mut Tally) {
    const DATA: &str = "NotOnOrAfter=\"2026-11-23T12:05:00Z\" Recipient";
    const CONDITIONS: &str =
        "NotBefore=\"2026-11-23T11:55:00Z\" NotOnOrAfter=\"2026-11-23T12:05:00Z\"";
    const CASES: [(&str, &str, Refusal); 28] = [
        (">https://app.example/.access/metadata<", "><", AudienceMismatch),
        (
            ">https://app.example/.access/metadata<",
            ">https://app.example/.access/metadat<",
            AudienceMismatch,
        ),
        (
            ">https://app.example/.access/metadata<",
            ">https://app.example/.access/metadata/<",
            AudienceMismatch,
        ),
        (
            ">https://app.example/.access/metadata<",
            ">https://APP.example/.access/metadata<",
            AudienceMismatch,
        ),
        (
            ">https://app.example/.access/metadata<",
            "> https://app.example/.access/metadata <",
            AudienceMismatch,
        ),
        (">https://app.example/.access/metadata<", ">*<", AudienceMismatch),
        (DATA, "Recipient", ConfirmationMissing),
        (DATA, "NotOnOrAfter=\"2026-11-23T11:59:00Z\" Recipient", Expired),
        (
            DATA,
            "NotBefore=\"2026-11-23T11:00:00Z\" NotOnOrAfter=\"2026-11-23T12:05:00Z\" Recipient",
            ConfirmationMissing,
        ),
        (" Recipient=\"https://app.example/.access/acs\"", "", RecipientMismatch),
        (" Recipient=\"https://app.example/.access/acs\"", " Recipient=\"\"", RecipientMismatch),
        (
            " Recipient=\"https://app.example/.access/acs\"",
            " Recipient=\"https://app.example/.access/acs/\"",
            RecipientMismatch,
        ),
        (
            " Recipient=\"https://app.example/.access/acs\"",
            " Recipient=\"https://app.example/.access/acs?x\"",
            RecipientMismatch,
        ),
        ("cm:bearer", "cm:sender-vouches", ConfirmationMissing),
        (" Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"", "", ConfirmationMissing),
        (
            CONDITIONS,
            "NotBefore=\"2026-11-23T12:01:01Z\" NotOnOrAfter=\"2026-11-23T12:05:00Z\"",
            NotYetValid,
        ),
        (
            CONDITIONS,
            "NotBefore=\"2026-11-23T11:55:00Z\" NotOnOrAfter=\"2026-11-23T11:59:00Z\"",
            Expired,
        ),
        ("AuthnInstant=\"2026-11-23T11:59:00Z\"", "", SamlMissing),
        (
            "AuthnInstant=\"2026-11-23T11:59:00Z\"",
            "AuthnInstant=\"2026-11-23T13:00:00Z\"",
            NotYetValid,
        ),
        ("SessionIndex", "SessionNotOnOrAfter=\"2026-11-23T11:59:00Z\" SessionIndex", Expired),
        (
            " ID=\"_assertion\" Version=\"2.0\"",
            " ID=\"_assertion\" Version=\"1.1\"",
            VersionUnsupported,
        ),
        (
            " ID=\"_assertion\" Version=\"2.0\"",
            " ID=\"_assertion\" Version=\"2.0 \"",
            VersionUnsupported,
        ),
        (" ID=\"_assertion\" Version=\"2.0\"", " ID=\"_assertion\"", SamlMissing),
        ("alice@example.com", "", NameIdUnusable),
        ("alice@example.com", " ", NameIdUnusable),
        ("alice@example.com", "service/backup", NameIdUnusable),
        ("alice@example.com", "Service/backup", NameIdUnusable),
        ("alice@example.com", "alice\u{202E}@example.com", TextDeceives),
    ];
    for shape in all() {
        tally.accept(&shape.name, &shape.good, shape);
        for (from, to, refusal) in CASES {
            tally.refuse(format!("{}: {to}", shape.name), &shape.sign_changed(from, to), refusal);
        }
        // Whole elements, by their place and not by their prefix.
        for (local, refusal) in [
            ("AudienceRestriction", AudienceMismatch),
            ("Audience", AudienceMismatch),
            ("SubjectConfirmation", ConfirmationMissing),
            ("SubjectConfirmationData", SamlMissing),
            ("Conditions", SamlUnexpected),
            ("Subject", SamlUnexpected),
            ("NameID", SamlUnexpected),
            ("AuthnStatement", SamlMissing),
            ("AuthnContext", SamlMissing),
        ] {
            let whole = element(&shape.unsigned, local).whole;
            let xml = shape.sign(&super::markup::replaced(&shape.unsigned, whole, ""));
            tally.refuse(format!("{}: no {local}", shape.name), &xml, refusal);
        }
        for condition in ["Condition", "Unknown"] {
            let end = element(&shape.unsigned, "Conditions").inside.unwrap().end;
            let more = format!("<{condition} xmlns=\"{}\"/>", vestibule::saml::ASSERTION);
            let xml = shape.sign(&super::markup::inserted(&shape.unsigned, end, &more));
            tally.refuse(format!("{}: {condition}", shape.name), &xml, ConditionUnknown);
        }
    }
}

/// An answer to somebody else's request, or from somebody else than was asked.
pub fn a30_other_requests(tally: &mut Tally) {
    const DATA: &str = "Recipient=\"https://app.example/.access/acs\" InResponseTo=\"_request\"";
    for shape in all() {
        tally.accept(&shape.name, &shape.good, shape);
        for (to, refusal) in [
            ("Recipient=\"https://app.example/.access/acs\"", Unsolicited),
            (
                "Recipient=\"https://app.example/.access/acs\" InResponseTo=\"\"",
                InResponseToMismatch,
            ),
            (
                "Recipient=\"https://app.example/.access/acs\" InResponseTo=\"_other\"",
                InResponseToMismatch,
            ),
            (
                "Recipient=\"https://app.example/.access/acs\" InResponseTo=\"_request \"",
                InResponseToMismatch,
            ),
        ] {
            // The response says the right request; only the signed assertion counts.
            tally.refuse(format!("{}: {to}", shape.name), &shape.sign_changed(DATA, to), refusal);
        }
        for (to, refusal) in [("", Unsolicited), (" InResponseTo=\"_other\"", InResponseToMismatch)]
        {
            let xml = shape.sign(&changed(&shape.unsigned, " InResponseTo=\"_request\"", to));
            tally.refuse(format!("{}: response {to}", shape.name), &xml, refusal);
        }
        let b = IdentityProvider::from_json("b", &idp_json(&["rsa-other"])).unwrap();
        tally.refused_for(
            "another's keys",
            accept_from(&b, shape.good.as_bytes(), NOW),
            &[SignatureWrong],
        );
        let same_keys = idp_json(&["rsa"]).replace("test idp", "other idp");
        let b = IdentityProvider::from_json("b", &same_keys).unwrap();
        // The same keys under another name, as tenants of one service have.
        tally.refused_for(
            "another's name",
            accept_from(&b, shape.good.as_bytes(), NOW),
            &[IssuerMismatch],
        );
        let issuer = shape.sign(&shape.unsigned.replace("test idp", "other idp"));
        tally.refuse(format!("{}: other Issuer", shape.name), &issuer, IssuerMismatch);
        let a = IdentityProvider::from_json("test", &idp_json(&["rsa"])).unwrap();
        for (entity_id, acs, request_id, refusals) in [
            ("https://other.example", ACS, REQUEST, &[AudienceMismatch][..]),
            (ENTITY_ID, "https://other.example/acs", REQUEST, &[DestinationMismatch]),
            (ENTITY_ID, ACS, "_other", &[InResponseToMismatch]),
        ] {
            let expected = Expected {
                idp: &a,
                entity_id,
                acs,
                request_id: Some(request_id),
                forced_at: None,
                trail: None,
                now: NOW,
            };
            tally.refused_for(acs, accept(shape.good.as_bytes(), &expected), refusals);
        }
    }
}

/// No logout message is taken yet; at the ACS it is no response, signed or not.
pub fn a32_logout(tally: &mut Tally) {
    for shape in plain() {
        tally.accept(&shape.name, &shape.good, shape);
        for root in ["LogoutRequest", "LogoutResponse"] {
            let xml = format!(
                "<samlp:{root} xmlns:samlp=\"{}\" xmlns:saml=\"{}\" ID=\"_logout\"><saml:Issuer>test idp</saml:Issuer><saml:NameID>alice@example.com</saml:NameID></samlp:{root}>",
                vestibule::saml::PROTOCOL,
                vestibule::saml::ASSERTION
            );
            tally.refuse(root, &xml, ResponseRoot);
            tally.refuse(root, &sign(&xml, "_logout"), ResponseRoot);
        }
    }
}

/// The same response has the same names in the ledger, which remembers them until it is expired.
pub fn a33_replays(tally: &mut Tally) {
    for shape in all() {
        let (one, two) = (accepted(&shape.good).unwrap(), accepted(&shape.good).unwrap());
        tally.accepted_if(
            &shape.name,
            one.assertion_id == two.assertion_id && one.assertion_id == "_assertion",
        );
        // Written in another way, it still is the same assertion.
        let respelled = shape.good.replace("ID=\"_assertion\"", "ID=\"&#95;assertion\"");
        tally.accepted_if(
            &shape.name,
            accepted(&respelled).is_ok_and(|a| a.assertion_id == one.assertion_id),
        );
        tally.accepted_if(&shape.name, accept_at(&shape.good, one.expires - 1).is_ok());
        for later in [0, 1, 600, 86_400, i64::MAX - NOW] {
            let outcome = accept_at(&shape.good, one.expires.saturating_add(later));
            tally.refused_for(format!("{}: {later} s later", shape.name), outcome, &[Expired]);
        }
    }
}

/// Addresses that are code, or somebody else's, where people are sent.
pub fn a34_redirects(tally: &mut Tally) {
    let at = |location: &str| {
        let json = idp_json(&["rsa"]).replace("https://idp.example/sso", location);
        IdentityProvider::from_json("test", &json)
    };
    tally.accepted_if("https", at("https://idp.example/sso?tenant=1").is_ok());
    for bad in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "http://idp.example/",
        "ftp://idp.example/",
        "//idp.example/",
        "/sso",
        "",
        "https:",
        "https://",
        "https://user@idp.example/",
        "https://idp.example:pass@x/",
        "\tjavascript:alert(1)",
        "https://idp.example/\u{0}",
        "vbscript:x",
        "blob:https://idp.example/x",
    ] {
        // What is no XML character is no metadata either.
        let bad_json = bad.replace('\t', "\\t").replace('\u{0}', "\\u0000");
        tally.refused_for(bad, at(&bad_json), &[UrlRefused, XmlMalformed]);
    }
}

/// A session of one application at another, or changed on its way.
pub fn a35_other_applications(tally: &mut Tally) {
    let key = |c: &str| format!(r#"{{"keys":[{{"kty":"oct","k":"{}"}}]}}"#, c.repeat(42) + "A");
    let keys = SealKeys::from_jwks(&key("A")).unwrap();
    let subject = accepted(&plain()[0].good).unwrap().subject;
    let root = Root { host: "app.example".to_owned(), id: "root".to_owned() };
    let session = Session::begin("id".to_owned(), root, subject, NOW, NOW + 600);
    let set = session.seal(&keys, "app.example", [7; 12], NOW).unwrap();
    let pairs: Vec<_> = set.iter().map(|line| line.split(';').next().unwrap()).collect();
    let cookie = pairs.join("; ");
    let open = |keys: &SealKeys, host: &str, cookie: &str, now: i64| {
        Sessions::default().open(keys, host, cookie, now).ok_or(SignInNeeded)
    };
    tally.accepted_if("here", open(&keys, "app.example", &cookie, NOW).is_ok());
    for host in ["other.example", "app.example.", "APP.example", "app.example.evil", ""] {
        tally.refused_for(host, open(&keys, host, &cookie, NOW), &[SignInNeeded]);
    }
    let other = SealKeys::from_jwks(&key("B")).unwrap();
    tally.refused_for("another key", open(&other, "app.example", &cookie, NOW), &[SignInNeeded]);
    tally.refused_for("its end", open(&keys, "app.example", &cookie, NOW + 600), &[SignInNeeded]);
    tally.refused_for(
        "twice",
        open(&keys, "app.example", &format!("{cookie}; {cookie}"), NOW),
        &[SignInNeeded],
    );
    let value = cookie.find('=').unwrap() + 1;
    for at in value..cookie.len() {
        let other = if &cookie[at..=at] == "A" { "B" } else { "A" };
        let changed = [&cookie[..at], other, &cookie[at + 1..]].concat();
        let cut = [&cookie[..at], &cookie[at + 1..]].concat();
        for broken in [changed, cut] {
            tally.refused_for(at, open(&keys, "app.example", &broken, NOW), &[SignInNeeded]);
        }
    }
}
