//! Request headers on their way to the origin: what is taken away, and what is set.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::identity::{Told, ToldHeader};
use crate::statement::{Statement, strict};

/// Prefixes of folded names that only a gate may set: ours, and those of the gates we replace.
const RESERVED_PREFIXES: &[&str] = &[
    "x-access-",
    "cf-access-",
    "x-auth-request-",
    "x-authentik-",
    "x-pomerium-",
    "x-remote-",
    "x-webauth-",
    "x-vouch-",
    "x-amzn-ava-",
    "x-amzn-oidc-",
    "x-goog-authenticated-user-",
    "x-goog-iap-",
    "x-ms-client-principal",
    "tailscale-user-",
    "teleport-jwt-",
];

/// Folded names that an application may take for an identity, for another path, host or method than
/// the one that was decided, or for the proxy of its own requests (CVE-2016-5385).
const RESERVED: &[&str] = &[
    "remote-user",
    "remote-email",
    "remote-groups",
    "remote-name",
    "x-forwarded-user",
    "x-forwarded-email",
    "x-forwarded-groups",
    "x-forwarded-preferred-username",
    "x-forwarded-access-token",
    "forwarded",
    "x-forwarded-host",
    "x-forwarded-server",
    "x-forwarded-method",
    "x-forwarded-uri",
    "x-forwarded-url",
    "x-forwarded-path",
    "x-forwarded-prefix",
    "x-host",
    "x-http-host-override",
    "x-original-host",
    "x-original-method",
    "x-original-uri",
    "x-original-url",
    "x-envoy-original-path",
    "x-rewrite-uri",
    "x-rewrite-url",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "proxy",
    "connection",
    "te",
    "trailer",
];

/// What the edge itself says of the sender, besides all that begins with `cf-`. A client that
/// nominates it wants to be somebody nearer.
const SET_BY_THE_EDGE: &[&str] =
    &["cdn-loop", "true-client-ip", "x-forwarded-for", "x-forwarded-proto", "x-real-ip"];

/// A header name, which is ASCII, as the most forgiving application reads it: for CGI `-` and `_`
/// are one, and some servers make `_` of whatever is no letter or digit (`X.Access.Email`).
fn fold(name: &str, folded: &mut String) {
    let fold = |c: u8| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { b'-' };
    folded.clear();
    folded.extend(name.bytes().map(|byte| char::from(fold(byte))));
}

fn is_reserved(folded: &str) -> bool {
    RESERVED.contains(&folded) || RESERVED_PREFIXES.iter().any(|lead| folded.starts_with(lead))
}

/// Which of the inbound headers the origin must not see: those that only a gate may set, and `told`
/// among them. `connection` is the value of that header: what it nominates belongs to the hop before
/// us (RFC 9110 7.6.1).
pub fn withheld<'a>(
    names: impl Iterator<Item = &'a str>,
    connection: Option<&str>,
    told: &[ToldHeader],
) -> Vec<&'a str> {
    let nominated: Vec<String> = connection.map(nominated).unwrap_or_default();
    let mut folded = String::new();
    names
        .filter(|name| {
            fold(name, &mut folded);
            is_reserved(&folded)
                || told.iter().any(|header| header.name == folded)
                || nominated.contains(&folded)
        })
        .collect()
}

/// What a `Connection` header takes away, of what it may.
fn nominated(connection: &str) -> Vec<String> {
    let names = connection.split(',').map(|name| {
        let mut folded = String::new();
        fold(name.trim(), &mut folded);
        folded
    });
    let is_of_the_edge = |name: &str| name.starts_with("cf-") || SET_BY_THE_EDGE.contains(&name);
    names.filter(|name| name != "upgrade" && !is_of_the_edge(name)).collect()
}

/// Bytes that are encoded in a header that other gates send as it is: those that could split it or
/// end a value of it, and the one that encodes.
const READABLE: &AsciiSet =
    &CONTROLS.add(b'%').add(b',').add(b';').add(b'|').add(b'"').add(b'\\').add(b'<').add(b'>');

/// Spaces stay where they are seen: a server trims those at the ends, and makes another name.
fn readable(value: &str) -> String {
    let inner = value.trim_matches(' ');
    let (before, after) =
        value.split_at_checked(value.find(inner).unwrap_or(0)).unwrap_or_default();
    let after = after.len().saturating_sub(inner.len());
    let inner = utf8_percent_encode(inner, READABLE);
    format!("{}{inner}{}", "%20".repeat(before.len()), "%20".repeat(after))
}

/// The identity headers for a caller. Values are percent-encoded, so that none can hold a
/// separator, a line end or anything but ASCII.
pub fn identity(
    statement: &Statement<'_>,
    assertion: &str,
    told: &[ToldHeader],
) -> Vec<(Cow<'static, str>, String)> {
    let ours = [
        ("x-access-subject", Told::Subject),
        ("x-access-groups", Told::Groups),
        ("x-access-jwt", Told::Jwt),
        ("x-access-email", Told::Email),
    ];
    let ours =
        ours.iter().map(|(name, told)| (Cow::Borrowed(*name), told, strict as fn(&str) -> _));
    let others = told
        .iter()
        .map(|header| (Cow::Owned(header.name.clone()), &header.told, readable as fn(&str) -> _));
    let value = |(name, told, encode)| Some((name, value(statement, assertion, told, encode)?));
    let incomplete = ("x-access-groups-complete".into(), "false".to_owned());
    let incomplete = (!statement.has_all_groups()).then_some(incomplete);
    ours.chain(others).filter_map(value).chain(incomplete).collect()
}

/// What is told, where there is anything to tell.
fn value(
    statement: &Statement<'_>,
    assertion: &str,
    told: &Told,
    encode: fn(&str) -> String,
) -> Option<String> {
    let caller = statement.caller();
    let list =
        |values: &mut dyn Iterator<Item = &str>| values.map(encode).collect::<Vec<_>>().join(",");
    match (told, caller.facts()) {
        (Told::Jwt, _) => Some(assertion.to_owned()),
        (Told::Subject, None) => Some(caller.shown().into_owned()),
        (_, None) => None,
        (Told::Subject, Some(facts)) => Some(encode(&facts.name_id)),
        (Told::Email, Some(facts)) => facts.email.as_ref().map(|email| encode(email.as_str())),
        (Told::Groups, Some(_)) => Some(list(&mut statement.groups().iter().copied())),
        (Told::Attribute(name), Some(facts)) => {
            facts.attributes.get(name).map(|values| list(&mut values.iter().map(String::as_str)))
        }
    }
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;

    use super::*;
    use crate::caller::Caller;
    use crate::identity::{Email, Facts, Subject};
    use crate::limits;
    use crate::policy::Policy;
    use crate::refusals::Refusal;
    use crate::session::{Root, Session};

    #[test]
    fn every_spelling_of_an_identity_header_is_withheld() {
        let names = [
            "x-access-email",
            "X-ACCESS-EMAIL",
            "x_access_email",
            "X-Access_Groups",
            "x-access-anything",
            "Cf-Access-Jwt-Assertion",
            "X.Access.Email",
            "x-access~email",
            "Remote_User",
            "Remote.User",
            "X-WebAuth-Name",
            "X-Goog-Authenticated-User-Email",
            "X-Goog-IAP-JWT-Assertion",
            "X-Amzn-Oidc-Data",
            "X-Amzn-Ava-User-Context",
            "X-MS-Client-Principal",
            "X-MS-CLIENT-PRINCIPAL-NAME",
            "Tailscale-User-Login",
            "Teleport-Jwt-Assertion",
            "X-Vouch-User",
            "X-Original-URL",
            "X-Original-Host",
            "X-Forwarded-Method",
            "x-http-method-override",
            "Connection",
            "Proxy",
        ];
        assert_eq!(withheld(names.into_iter(), None, &[]), names);
        let kept = [
            "accept",
            "authorization",
            "proxy-authorization",
            "x-access",
            "x-accessory",
            "upgrade",
            "cookie",
        ];
        assert!(withheld(kept.into_iter(), None, &[]).is_empty());
    }

    #[test]
    fn a_header_that_tells_who_asks_is_withheld_in_every_spelling() {
        let told = [ToldHeader { name: "x-user-mail".into(), told: Told::Email }];
        let names = ["X-User-Mail", "x_user_mail", "X.User-Mail"];
        assert_eq!(withheld(names.into_iter(), None, &told), names);
        assert!(withheld(names.into_iter(), None, &[]).is_empty());
    }

    #[test]
    fn what_connection_nominates_is_withheld() {
        let names = ["x-hop", "upgrade", "x-kept"];
        assert_eq!(withheld(names.into_iter(), Some("Upgrade, X_Hop"), &[]), ["x-hop"]);
    }

    #[test]
    fn connection_takes_nothing_away_that_the_edge_has_set() {
        let names = [
            "cf-connecting-ip",
            "cf-ipcountry",
            "cf-visitor",
            "cdn-loop",
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-real-ip",
        ];
        assert!(withheld(names.into_iter(), Some(&names.join(",")), &[]).is_empty());
    }

    fn policy(headers: &str) -> Policy {
        let document = format!(
            r#"{{ "name": "A", "hosts": ["a.example"], "sign_in": {{ "idps": ["main"] }},
                "assertion": {{ "attributes": ["team"] }},
                "headers": ["cloudflare-access"{headers}], "rules": [] }}"#
        );
        Policy::from_json(&document).unwrap()
    }

    fn told(facts: Facts, headers: &str) -> Vec<(Cow<'static, str>, String)> {
        let root = Root { host: "a.example".into(), id: "root".into() };
        let session = Session::begin("id".into(), root, Subject::proven(facts), 0, 1);
        let policy = policy(headers);
        let statement = Statement::new(Caller::Person(&session), &policy).unwrap();
        identity(&statement, "t", policy.headers())
    }

    fn of<'a>(headers: &'a [(Cow<'static, str>, String)], name: &str) -> &'a str {
        let found = headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    #[test]
    fn no_value_can_split_or_forge_a_header() {
        let facts = Facts {
            name_id: "a\r\nx-access-groups: admin".into(),
            email: Some(Email::parse("a+b@example.com").unwrap()),
            groups: vec!["R&D, west".into(), "部".into(), "100%".into(), " admin ".into()],
            attributes: [("name".into(), vec!["Doe, John".into(), "J. \"Jo\" Doe".into()])].into(),
            ..Facts::default()
        };
        let headers = told(facts, r#", "authelia""#);
        for (name, value) in [
            ("x-access-subject", "a%0D%0Ax-access-groups%3A%20admin"),
            ("x-access-email", "a+b@example.com"),
            ("x-access-groups", "R%26D%2C%20west,%E9%83%A8,100%25,%20admin%20"),
            ("remote-user", "a%0D%0Ax-access-groups: admin"),
            ("remote-groups", "R&D%2C west,%E9%83%A8,100%25,%20admin%20"),
            ("remote-name", "Doe%2C John,J. %22Jo%22 Doe"),
        ] {
            assert_eq!(of(&headers, name), value, "{name}");
        }
    }

    /// Whatever the names are: a list reads back as it was, by every header that tells it, and no
    /// two lists look alike.
    #[test]
    fn random_names_read_back_as_they_were() {
        let mut random = 0x9E37_79B9_u32;
        let mut next = move |bound: u32| {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            random % bound
        };
        let headers = r#", "authelia", { "X-Team": "attribute:team", "X-Groups": "groups" }"#;
        for _ in 0..3_000 {
            let mut name = || -> String {
                let letter = |n: u32| match n % 3 {
                    0 => char::from_u32(n / 3 % 0x80),
                    1 => char::from_u32(n / 3 % 0x1_0000),
                    _ => [',', '%', ' ', '\n', '\r', ';', '|', 'a']
                        .get((n / 3 % 8) as usize)
                        .copied(),
                };
                (0..=next(6)).filter_map(|_| letter(next(u32::MAX))).collect()
            };
            let (groups, team) = (vec![name(), name(), name()], vec![name(), name()]);
            let name_id = name();
            let facts = Facts {
                name_id: name_id.clone(),
                groups: groups.clone(),
                attributes: [("team".to_owned(), team.clone())].into(),
                ..Facts::default()
            };
            let headers = told(facts, headers);
            for (name, value) in &headers {
                let plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
                assert!(plain && value.trim() == value, "{name}: {value:?}");
            }
            let decoded = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
            let list = |name| of(&headers, name).split(',').map(decoded).collect::<Vec<_>>();
            for name in ["x-access-groups", "remote-groups", "x-groups"] {
                assert_eq!(list(name), groups, "{name}");
            }
            assert_eq!(list("x-team"), team);
            assert_eq!(decoded(of(&headers, "x-access-subject")), name_id);
            assert_eq!(decoded(of(&headers, "remote-user")), name_id);
        }
    }

    #[test]
    fn of_many_groups_the_named_are_told_and_that_these_are_not_all() {
        let groups = (0..200).map(|n| format!("a group with a long name {n}")).collect();
        let facts = Facts { groups, ..Facts::default() };
        let headers = told(facts.clone(), "");
        assert_eq!(
            (of(&headers, "x-access-groups"), of(&headers, "x-access-groups-complete")),
            ("", "false")
        );
        let few = Facts { groups: vec!["x".repeat(limits::TOLD_GROUPS - 1)], ..facts };
        let headers = told(few, "");
        assert_eq!(of(&headers, "x-access-groups").len(), limits::TOLD_GROUPS - 1);
        assert_eq!(of(&headers, "x-access-groups-complete"), "");
    }

    #[test]
    fn attributes_too_large() {
        let root = || Root { host: "a.example".into(), id: "root".into() };
        for (size, headers, fits) in [
            (limits::TOLD_ATTRIBUTES - 1, "", true),
            (limits::TOLD_ATTRIBUTES, "", false),
            (limits::TOLD_ATTRIBUTES / 2, r#", { "X-Team": "attribute:team" }"#, false),
        ] {
            let attributes = [("team".to_owned(), vec!["x".repeat(size)])].into();
            let facts = Facts { attributes, ..Facts::default() };
            let session = Session::begin("id".into(), root(), Subject::proven(facts), 0, 1);
            let policy = policy(headers);
            let statement = Statement::new(Caller::Person(&session), &policy);
            let expected = if fits { None } else { Some(Refusal::AttributesTooLarge) };
            assert_eq!(statement.err(), expected, "{size} {headers}");
        }
    }
}
