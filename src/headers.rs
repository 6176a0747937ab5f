//! Request headers on their way to the origin: what is taken away, and what is set.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::caller::Caller;
use crate::identity::{Told, ToldHeader};

/// Prefixes of folded names that only a gate may set: ours, and those of the gates we replace.
const RESERVED_PREFIXES: &[&str] = &[
    "x-access-",
    "cf-access-",
    "x-auth-request-",
    "x-authentik-",
    "x-pomerium-",
    "x-remote-",
    "x-webauth-",
];

/// Folded names that an application may take for an identity, or for another path, host or method
/// than the one that was decided.
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
    "connection",
    "te",
    "trailer",
];

/// What the edge itself says of the sender. A client that nominates it wants to be somebody nearer.
const SET_BY_THE_EDGE: &[&str] =
    &["cf-connecting-ip", "true-client-ip", "x-forwarded-for", "x-forwarded-proto", "x-real-ip"];

/// A header name as the most forgiving application reads it: for CGI `-` and `_` are one, and some
/// servers make `_` of whatever is no letter or digit (`X.Access.Email`).
fn folded(name: &str) -> String {
    let fold = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    name.chars().map(fold).collect()
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
    let nominated: Vec<String> =
        connection.unwrap_or_default().split(',').map(|name| folded(name.trim())).collect();
    names
        .filter(|name| {
            let name = folded(name);
            let stays = name == "upgrade" || SET_BY_THE_EDGE.contains(&name.as_str());
            let is_told = told.iter().any(|header| header.name == name);
            is_reserved(&name) || is_told || (!stays && nominated.contains(&name))
        })
        .collect()
}

/// Bytes that stand for themselves in a header value of ours; a comma separates, `%` escapes.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@').remove(b'+');

fn encoded(value: &str) -> String {
    utf8_percent_encode(value, PLAIN).to_string()
}

/// The identity headers for a caller. Values are percent-encoded, so that none can hold a
/// separator, a line end or anything but ASCII.
pub fn identity(
    caller: Caller<'_>,
    assertion: &str,
    told: &[ToldHeader],
) -> Vec<(Cow<'static, str>, String)> {
    let ours = [
        ("x-access-subject", Told::Subject),
        ("x-access-groups", Told::Groups),
        ("x-access-jwt", Told::Jwt),
        ("x-access-email", Told::Email),
    ];
    let ours = ours.into_iter().map(|(name, told)| (Cow::Borrowed(name), told));
    let others = told.iter().map(|header| (Cow::Owned(header.name.clone()), header.told));
    let value = |(name, told)| Some((name, value(caller, assertion, told)?));
    ours.chain(others).filter_map(value).collect()
}

/// What is told, where there is anything to tell.
fn value(caller: Caller<'_>, assertion: &str, told: Told) -> Option<String> {
    match (told, caller.facts()) {
        (Told::Jwt, _) => Some(assertion.to_owned()),
        (Told::Subject, None) => Some(caller.shown().into_owned()),
        (Told::Email | Told::Groups, None) => None,
        (Told::Subject, Some(facts)) => Some(encoded(&facts.name_id)),
        (Told::Email, Some(facts)) => facts.email.as_ref().map(|email| encoded(email.as_str())),
        (Told::Groups, Some(facts)) => {
            let groups: Vec<_> = facts.groups.iter().map(|group| encoded(group)).collect();
            Some(groups.join(","))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Email, Facts, Subject};
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
            "X-Original-URL",
            "X-Original-Host",
            "X-Forwarded-Method",
            "x-http-method-override",
            "Connection",
        ];
        assert_eq!(withheld(names.into_iter(), None, &[]), names);
        let kept = ["accept", "authorization", "x-access", "x-accessory", "upgrade", "cookie"];
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
        let names = ["cf-connecting-ip", "x-forwarded-for", "x-forwarded-proto", "x-real-ip"];
        assert!(withheld(names.into_iter(), Some(&names.join(",")), &[]).is_empty());
    }

    #[test]
    fn no_value_can_split_or_forge_a_header() {
        let facts = Facts {
            name_id: "a\r\nx-access-groups: admin".into(),
            email: Some(Email::parse("a+b@example.com").unwrap()),
            groups: vec!["R&D, west".into(), "部".into(), "100%".into()],
            ..Facts::default()
        };
        let root = Root { host: "a.example".into(), id: "root".into() };
        let session = Session::begin("id".into(), root, Subject::proven(facts), 0, 1);
        let headers = identity(Caller::Person(&session), "t", &[]);
        let value = |name| headers.iter().find(|(known, _)| *known == name).unwrap().1.as_str();
        assert_eq!(value("x-access-subject"), "a%0D%0Ax-access-groups%3A%20admin");
        assert_eq!(value("x-access-email"), "a+b@example.com");
        assert_eq!(value("x-access-groups"), "R%26D%2C%20west,%E9%83%A8,100%25");
    }
}
