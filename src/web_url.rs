//! A URL that a person may be sent to, or that a request may be forwarded to.

use url::Url;

use crate::refusals::Refusal;

/// An `https` URL without user, password or fragment; `http` only to this very machine, for local
/// use. Everything else (`javascript:`, `data:`, …) is refused (SEC-34).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebUrl {
    url: Url,
    origin: String,
}

impl WebUrl {
    /// Reads an absolute URL.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        // A host in any but plain letters is read in more ways than one.
        let (scheme, rest) = text.split_once("://").ok_or(Refusal::UrlRefused)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
        let plain_scheme = scheme.bytes().all(|b| b.is_ascii_alphabetic());
        if !plain_scheme || !authority.bytes().all(plain) {
            return Err(Refusal::UrlRefused);
        }
        let url = Url::parse(text).or(Err(Refusal::UrlRefused))?;
        let loopback =
            matches!(url.host_str(), Some("localhost" | "127.0.0.1")) && url.scheme() == "http";
        let bare =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if bare && url.has_host() && (url.scheme() == "https" || loopback) {
            let origin = url.origin().ascii_serialization();
            Ok(WebUrl { url, origin })
        } else {
            Err(Refusal::UrlRefused)
        }
    }

    /// The whole URL.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// Host name, without the port.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Scheme, host and port: `https://app.example.com`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Where a redirect to `location` leads, if it stays at this scheme, host and port.
    pub fn redirected(&self, location: &str) -> Result<Self, Refusal> {
        let target = self.url.join(location).or(Err(Refusal::UrlRefused))?;
        let target = WebUrl::parse(target.as_str())?;
        if target.origin() == self.origin() { Ok(target) } else { Err(Refusal::UrlRefused) }
    }

    /// Whether it leads to this very machine, without TLS.
    pub fn is_local(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// The URL with more in its query, which is encoded already.
    pub fn with_query(&self, more: &str) -> String {
        let joint = match self.url.query() {
            None => "?",
            Some("") => "",
            Some(_) => "&",
        };
        format!("{}{joint}{more}", self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_refused() {
        for bad in [
            "",
            "/login",
            "javascript:alert(1)",
            "data:text/html,x",
            "http://idp.example/sso",
            "https://user@idp.example/",
            "https://idp.example/#x",
            "http://localhost.example/",
            "https://A%DD.example/",
            "https://%61.example/",
            "https://é.example/",
            "https:\\\\idp.example/",
            "https:idp.example/",
            "https:/A\u{bd}%39/x://idp.example/",
            "https:A%DD.example/x://idp.example/",
            "https://idp.exa\tmple/",
        ] {
            assert_eq!(WebUrl::parse(bad).err(), Some(Refusal::UrlRefused), "{bad}");
        }
        for good in ["https://sso.jumpcloud.com/saml2/app", "http://localhost:8788/sso"] {
            assert_eq!(WebUrl::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn parameters_join_those_that_are_there() {
        for (url, joined) in [
            ("https://idp.example/sso", "https://idp.example/sso?b=c"),
            ("https://idp.example", "https://idp.example/?b=c"),
            ("https://idp.example/sso?", "https://idp.example/sso?b=c"),
            ("https://idp.example/sso?t=a%20b", "https://idp.example/sso?t=a%20b&b=c"),
        ] {
            assert_eq!(WebUrl::parse(url).unwrap().with_query("b=c"), joined);
        }
    }

    #[test]
    fn redirects_stay_at_the_host() {
        let url = WebUrl::parse("https://idp.example/a/metadata").unwrap();
        for (location, target) in [
            ("b", "https://idp.example/a/b"),
            ("/b?c=d", "https://idp.example/b?c=d"),
            ("https://idp.example:443/b", "https://idp.example/b"),
            ("//IDP.example/b", "https://idp.example/b"),
        ] {
            assert_eq!(url.redirected(location).unwrap().as_str(), target);
        }
        for location in [
            "https://evil.example/",
            "//evil.example/",
            "\\\\evil.example/",
            "http://idp.example/a/metadata",
            "https://idp.example:8443/",
            "https://idp.example.evil.example/",
            "https://user@idp.example/",
            "http://localhost/",
            "javascript:alert(1)",
            "data:text/xml,x",
        ] {
            assert_eq!(url.redirected(location), Err(Refusal::UrlRefused), "{location}");
        }
    }
}
