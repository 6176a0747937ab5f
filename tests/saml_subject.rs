//! What a document makes of NameID and attributes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod support;

use serde_json::{Value, json};
use support::response::{HONEST, NOW, Signed, accept_from, idp_with, signed};
use vestibule::identity::Subject;
use vestibule::refusals::Refusal::{self, *};
use vestibule::saml::idp::{IdentityProvider, IdpDocument};
use vestibule::saml::presets::presets;

/// What is sent: attributes by name, each with its values, in this order.
type Attributes<'a> = &'a [(&'a str, &'a [&'a str])];

fn subject(document: Value, sent: Attributes) -> Result<Subject, Refusal> {
    let attribute = |(name, values): &(&str, &[&str])| {
        let value = |value: &&str| format!("<saml:AttributeValue>{value}</saml:AttributeValue>");
        let values: String = values.iter().map(value).collect();
        format!("<saml:Attribute Name=\"{name}\">{values}</saml:Attribute>")
    };
    let statement: String = sent.iter().map(attribute).collect();
    let (start, end) = ("<saml:AttributeStatement>", "</saml:AttributeStatement>");
    let at = HONEST.find(start).unwrap() + start.len()..HONEST.find(end).unwrap();
    let xml = HONEST.replace(&HONEST[at], &statement);
    accepted(document, &xml)
}

fn accepted(document: Value, xml: &str) -> Result<Subject, Refusal> {
    let xml = signed(xml, Signed::Assertion);
    accept_from(&idp_with(document), xml.as_bytes(), NOW).map(|accepted| accepted.subject)
}

fn groups(attributes: Value, sent: Attributes) -> Result<Vec<String>, Refusal> {
    subject(json!({ "attributes": attributes }), sent).map(|subject| subject.groups.clone())
}

#[test]
fn groups_are_opaque_and_joined() {
    let plain = json!({ "groups": ["memberOf"] });
    let two = json!({ "groups": ["memberOf", "role"] });
    let cut = json!({ "groups": ["memberOf", "role"], "separators": { "memberOf": ";" } });
    let paths = json!({ "groups": ["memberOf"], "strip_slash": true });
    let both =
        json!({ "groups": ["memberOf"], "strip_slash": true, "separators": { "memberOf": "," } });
    let cases: &[(&Value, Attributes, &[&str])] = &[
        (&plain, &[], &[]),
        (&plain, &[("memberOf", &["HR", "hr", "Hr"])], &["HR", "hr", "Hr"]),
        (&plain, &[("memberOf", &["a,b;c d|e", "/HR"])], &["a,b;c d|e", "/HR"]),
        (&plain, &[("memberOf", &["B"]), ("x", &["X"]), ("memberOf", &["A", "B"])], &["B", "A"]),
        (&plain, &[("memberof", &["HR"]), ("MemberOf", &["HR"]), (" memberOf", &["HR"])], &[]),
        (&two, &[("role", &["R"]), ("memberOf", &["HR", "R"])], &["HR", "R"]),
        (
            &cut,
            &[("memberOf", &["HR;IT; HR;;", ";"]), ("role", &["a;b"])],
            &["HR", "IT", " HR", "a;b"],
        ),
        (
            &paths,
            &[("memberOf", &["/HR", "/HR/Pay", "IT", "//x", "/"])],
            &["HR", "HR/Pay", "IT", "/x"],
        ),
        (&paths, &[("memberOf", &["/HR", "HR"])], &["HR"]),
        (&both, &[("memberOf", &["/HR,/IT"])], &["HR", "IT"]),
    ];
    for (document, sent, wanted) in cases {
        let found = groups((*document).clone(), sent).unwrap();
        assert_eq!(found, *wanted, "{document} {sent:?}");
    }
}

#[test]
fn attributes_too_many() {
    let cut = json!({ "groups": ["memberOf"], "separators": { "memberOf": ";" } });
    let many = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>().join(";");
    let found = |count| groups(cut.clone(), &[("memberOf", &[&many(count)])]);
    assert_eq!(found(500).unwrap().len(), 500);
    for count in [501, 1_000, 1_001, 10_000] {
        assert_eq!(found(count), Err(AttributesTooMany), "{count}");
    }
    // The same again and again is still work.
    let same = vec!["HR"; 20_000].join(";");
    assert_eq!(groups(cut.clone(), &[("memberOf", &[&same])]), Err(AttributesTooMany));
}

#[test]
fn others_by_our_names() {
    let document = json!({ "attributes": {
        "others": { "department": ["dept", "ou"], "floor": ["floor"] },
        "separators": { "floor": "," }
    }});
    let sent: Attributes =
        &[("ou", &["b"]), ("dept", &["a", "b"]), ("floor", &["1,2"]), ("x", &["y"])];
    let subject = subject(document, sent).unwrap();
    let found: Vec<_> =
        subject.attributes.iter().map(|(n, v)| (n.as_str(), v.as_slice())).collect();
    let wanted =
        [("department", ["a", "b"].map(str::to_owned)), ("floor", ["1", "2"].map(str::to_owned))];
    assert_eq!(found, wanted.each_ref().map(|(name, values)| (*name, values.as_slice())));
}

#[test]
fn email_malformed() {
    let first = json!({ "attributes": { "email": ["mail", "NameID"] } });
    let only = json!({ "attributes": { "email": ["mail"] } });
    let address = |document: &Value, sent: Attributes| {
        let subject = subject(document.clone(), sent)?;
        Ok(subject.email.as_ref().map(|email| email.as_str().to_owned()))
    };
    let is = |text: &str| Ok(Some(text.to_owned()));
    assert_eq!(address(&first, &[("mail", &["Bob@Example.com"])]), is("bob@example.com"));
    assert_eq!(address(&first, &[]), is("alice@example.com"));
    assert_eq!(address(&first, &[("mail", &[])]), is("alice@example.com"));
    assert_eq!(address(&only, &[]), Ok(None));
    assert_eq!(address(&only, &[("mail", &["a@b.example", "a@b.example"])]), is("a@b.example"));
    for bad in
        [&["a@b.example", "b@b.example"][..], &["bob"], &["a@b@example.com"], &["a;b@c.example"]]
    {
        assert_eq!(address(&first, &[("mail", bad)]), Err(EmailMalformed), "{bad:?}");
    }
}

/// SEC-30: one identity provider does not speak for the people of another.
#[test]
fn email_domain() {
    let only = |domains: &[&str]| json!({ "email_domains": domains });
    let found = |document| accepted(document, HONEST).map(|subject| subject.email.clone().unwrap());
    for domains in [&["example.com"][..], &["other.example", "Example.COM"]] {
        assert!(found(only(domains)).is_ok(), "{domains:?}");
    }
    let near =
        ["ample.com", "com", ".com", "*.com", "example.com.evil", "www.example.com", "*", ""];
    for domains in near.iter().map(|domain| vec![*domain]).chain([vec![]]) {
        assert_eq!(found(only(&domains)), Err(EmailDomain), "{domains:?}");
    }
    // Without an address there is nothing to vouch for.
    let user = HONEST.replace("alice@example.com", "alice");
    assert_eq!(accepted(only(&["other.example"]), &user).unwrap().email, None);
    let below = HONEST.replace("alice@example.com", "alice@evil.example.com");
    assert_eq!(accepted(only(&["example.com"]), &below).err(), Some(EmailDomain));
}

/// SEC-30, in every value that is used, and only in those.
#[test]
fn text_deceives() {
    let document =
        || json!({ "attributes": { "groups": ["memberOf"], "others": { "city": ["l"] } } });
    for bad in [
        "H\u{200B}R",
        "\u{202E}RH",
        "HR\u{AD}",
        "HR\u{3164}",
        "HR\u{FE0F}",
        "H\nR",
        "H&#9;R",
        "H&#13;R",
        "HR\u{E0041}",
    ] {
        assert_eq!(
            subject(document(), &[("memberOf", &["IT", bad])]).err(),
            Some(TextDeceives),
            "{bad:?}"
        );
        assert_eq!(subject(document(), &[("l", &[bad])]).err(), Some(TextDeceives), "{bad:?}");
        assert_eq!(subject(document(), &[("street", &[bad])]).err(), None, "{bad:?}");
        let name_id = HONEST.replace("alice@", &format!("{bad}@"));
        assert_eq!(accepted(document(), &name_id).err(), Some(TextDeceives), "{bad:?}");
    }
    // Unicode that does not deceive stays as it was sent, composed or not.
    let honest = ["Personál", "e\u{301}", "部門", "R&amp;D", "a  b"];
    let found = groups(json!({ "groups": ["memberOf"] }), &[("memberOf", &honest)]).unwrap();
    assert_eq!(found, honest.map(|value| value.replace("&amp;", "&")));
}

#[test]
fn presets_are_documents() {
    let presets = presets();
    assert_eq!(presets.len(), 12);
    for (name, preset) in presets {
        let attributes = preset.attributes;
        assert!(!attributes.email.is_empty() && !attributes.groups.is_empty(), "{name}");
        let cut = attributes.separators.keys().all(|name| attributes.groups.contains(name));
        assert!(cut, "{name}: only groups are cut");
    }
}

/// A document is closed: what is misspelt is refused and not passed over.
#[test]
fn idp_document_unusable() {
    let refused = |more: Value| {
        let metadata = support::idps::metadata("okta");
        let mut document = json!({ "name": "Okta", "metadata": metadata });
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        IdentityProvider::from_json("okta", &document.to_string()).err()
    };
    assert_eq!(refused(json!({})), None);
    for more in [
        json!({ "email_domain": ["example.com"] }),
        json!({ "email_domains": "example.com" }),
        json!({ "attributes": { "group": ["groups"] } }),
        json!({ "attributes": { "separators": { "groups": "" } } }),
        json!({ "attributes": { "separators": { "groups": "; " } } }),
        json!({ "attributes": { "strip_slash": "yes" } }),
        json!({ "sign_on": { "soap": "https://idp.example/" } }),
        json!({ "sign_on": "https://idp.example/" }),
        json!({ "metadata_key": support::idps::filled("@rsa@") }),
    ] {
        assert_eq!(refused(more.clone()), Some(IdpDocumentUnusable), "{more}");
    }
    assert_eq!(refused(json!({ "metadata_url": "http://idp.example/" })), Some(UrlRefused));
    let key = json!({ "metadata_url": "https://idp.example/", "metadata_key": "AAAA" });
    assert_eq!(refused(key), Some(CertificateMalformed));
    assert_eq!(IdpDocument::from_json("[]").err(), Some(IdpDocumentUnusable));
}
