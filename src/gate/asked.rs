//! A request as it was asked: its head, and the canonical target that all else works with.

use std::net::{IpAddr, Ipv6Addr};

use crate::limits;
use crate::policy::CanonicalPath;
use crate::refusals::Refusal;

/// The head of a request. Reading a header may be dear, so each is read when it is needed.
pub trait Asked {
    /// The method, in upper case.
    fn method(&self) -> &str;
    /// The value of a header, by its name in lower case.
    fn header(&self, name: &str) -> Option<String>;
    /// The names of all headers.
    fn header_names(&self) -> Vec<&str>;
    /// Whether there is a header of this name, in lower case.
    fn has(&self, name: &str) -> bool {
        self.header_names().contains(&name)
    }
    /// Where it comes from, as the edge knows it; nothing of it is chosen by the client.
    fn whence(&self) -> Whence;
}

/// What the edge knows of a request's sender.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whence {
    /// Address.
    pub ip: Option<IpAddr>,
    /// Country, two capitals.
    pub country: Option<String>,
    /// Number of the autonomous system.
    pub asn: Option<u32>,
    /// The client certificate, where the edge has verified it and it is not revoked.
    pub certificate: Option<Certificate>,
}

/// A verified client certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Distinguished name of the issuer (RFC 2253).
    pub issuer: String,
    /// Distinguished name of the holder (RFC 2253).
    pub subject: String,
    /// SHA-256 of the certificate, in hexadecimal.
    pub sha256: String,
}

/// By which name the tries of a sender are counted: of their address or, of IPv6, of the network of
/// a household.
pub fn counted(what: &str, ip: Option<IpAddr>) -> String {
    let whose = ip.map(|ip| match ip {
        IpAddr::V4(_) => ip.to_string(),
        IpAddr::V6(ip) => Ipv6Addr::from(u128::from(ip) >> 64 << 64).to_string(),
    });
    format!("{what} {}", whose.unwrap_or_default())
}

/// Where a request wants to go.
#[derive(Clone, Debug)]
pub struct Target {
    /// The host in lower case, without port and trailing dot.
    pub host: String,
    /// The one path that is both decided and forwarded.
    pub path: CanonicalPath,
    /// The query as received, without `?`.
    pub query: Option<String>,
}

/// Where the gate's own pages are.
const OURS: &str = "/.access/";

impl Target {
    /// Reads an absolute URL as the runtime gives it.
    pub fn parse(url: &str) -> Result<Self, Refusal> {
        let (_, rest) = url.split_once("://").ok_or(Refusal::PathBadEscape)?;
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query.to_owned())),
            None => (rest, None),
        };
        let at = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let path = CanonicalPath::parse(if path.is_empty() { "/" } else { path })?;
        Ok(Target { host: host(authority), path, query })
    }

    /// Path and query, as they are sent to the origin.
    pub fn path_and_query(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path.as_str()),
            None => self.path.as_str().to_owned(),
        }
    }

    /// Which of the gate's own pages this is.
    pub fn ours(&self) -> Option<&str> {
        match self.path.as_str() {
            "/.access" => Some(""),
            // Some applications read it as one of ours.
            path if path.starts_with("/.access%2F") => Some(""),
            path => path.strip_prefix(OURS),
        }
    }

    /// Whether this is our SAML metadata.
    pub fn is_metadata(&self) -> bool {
        self.ours() == Some("metadata")
    }

    /// The value of a query parameter. `None` where it is missing or doubled.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let query = self.query.as_deref().unwrap_or_default();
        let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(n, _)| n == name);
        let (_, first) = values.next()?;
        if values.next().is_some() { None } else { Some(first.into_owned()) }
    }
}

/// Whether the answer is a page that a browser shows; everybody else gets JSON.
pub(super) fn is_shown(asked: &dyn Asked) -> bool {
    match asked.header("sec-fetch-mode") {
        // No script can set it. Apps that show web pages name themselves in X-Requested-With.
        Some(mode) => mode == "navigate",
        None => {
            let accepts = |accept: String| accept.contains("text/html");
            asked.header("accept").is_some_and(accepts)
                && asked.header("x-requested-with").is_none()
                && !asked.header("upgrade").is_some_and(|to| to.eq_ignore_ascii_case("websocket"))
        }
    }
}

/// Whether a browser opens a page, so that sending it to a sign-in helps. In a frame it does not:
/// identity providers refuse to be framed, and there a browser may keep our cookies from us.
pub(super) fn is_navigation(asked: &dyn Asked) -> bool {
    // A service worker that hands a navigation on makes its destination empty.
    let in_frame = |to: String| !matches!(to.as_str(), "document" | "empty");
    // Nobody has opened it yet, and nobody may ever.
    let ahead = ["sec-purpose", "purpose", "x-moz"].iter().any(|name| {
        asked.header(name).is_some_and(|purpose| purpose.to_ascii_lowercase().contains("prefetch"))
    });
    asked.method() == "GET"
        && is_shown(asked)
        && !asked.header("sec-fetch-dest").is_some_and(in_frame)
        && !ahead
}

/// Whether a browser sends a form, and shows the answer.
pub(super) fn is_form(asked: &dyn Asked) -> bool {
    is_shown(asked) && !matches!(asked.method(), "GET" | "HEAD")
}

/// Reads a page to come back to: an absolute path of this very host. Anything else is `/`, so that
/// no sign-in leads astray (SEC-29).
pub(super) fn return_to(text: &str) -> String {
    let (path, query) = text.split_once('?').map_or((text, None), |(p, q)| (p, Some(q)));
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() && b != b'#' && b != b'\\');
    match CanonicalPath::parse(path) {
        Ok(path) if text.len() <= limits::RETURN_TO && plain(query.unwrap_or_default()) => {
            match query {
                Some(query) => format!("{}?{query}", path.as_str()),
                None => path.as_str().to_owned(),
            }
        }
        _ => "/".to_owned(),
    }
}

fn host(authority: &str) -> String {
    let name = match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => authority,
    };
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_one_whatever_its_spelling() {
        for url in [
            "https://App.Example.com/x",
            "https://app.example.com./x",
            "https://app.example.com:8443/x",
            "https://app.example.com.:443/x#y",
        ] {
            assert_eq!(Target::parse(url).unwrap().host, "app.example.com", "{url}");
        }
    }

    #[test]
    fn a_query_is_no_part_of_the_path() {
        let target = Target::parse("https://a.example/HR?next=/IT#x").unwrap();
        assert_eq!((target.path.as_str(), target.query.as_deref()), ("/HR", Some("next=/IT")));
        assert_eq!(target.path_and_query(), "/HR?next=/IT");
    }

    #[test]
    fn no_return_leads_astray() {
        for bad in [
            "",
            "https://evil.example/",
            "//evil.example/..",
            "/\\evil.example",
            "/%5cevil.example",
            "/a\r\nX: y",
            "javascript:alert(1)",
            "/a?\\",
            "/a?#",
        ] {
            let to = return_to(bad);
            assert!(to == "/", "{bad} led to {to}");
        }
        assert_eq!(return_to("//evil.example/"), "/evil.example/");
        assert_eq!(return_to("/HR/a?b=c&d"), "/HR/a?b=c&d");
    }

    #[test]
    fn our_pages_are_below_one_segment() {
        let ours = |path: &str| {
            let target = Target::parse(&format!("https://a.example{path}")).unwrap();
            target.ours().map(str::to_owned)
        };
        assert_eq!(ours("/.access/login").as_deref(), Some("login"));
        assert_eq!(ours("//.access//login").as_deref(), Some("login"));
        assert_eq!(ours("/%2eaccess/login").as_deref(), Some("login"));
        assert_eq!(ours("/.access").as_deref(), Some(""));
        assert_eq!(ours("/.access%2flogin").as_deref(), Some(""));
        assert_eq!(ours("/.accessory"), None);
        assert_eq!(ours("/HR/.access/login"), None);
    }
}
