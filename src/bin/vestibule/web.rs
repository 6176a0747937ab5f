//! The web, as far as the command line asks it.

use std::time::Duration;

use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::http::Response;
use ureq::tls::TlsConfig;
use vestibule::web_url::WebUrl;

/// Redirects that are followed to fetch one document.
const REDIRECTS: usize = 3;
/// Bytes of an answer to a form that are read.
const ANSWER: u64 = 64 * 1024;
/// Seconds that one request may take.
const SECONDS: u64 = 20;

/// One GET, which follows nothing.
pub struct Get<'a> {
    pub url: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    /// Whether to talk to a server whose certificate nobody vouches for.
    pub any_certificate: bool,
    /// Bytes that are read of the body.
    pub most: u64,
}

/// What came back.
pub struct Got {
    pub status: u16,
    pub body: Vec<u8>,
    response: Response<()>,
}

impl Get<'_> {
    /// Asks. The error says why nothing came back.
    pub fn send(&self) -> Result<Got, String> {
        let mut request = agent(self.url, self.any_certificate).get(self.url);
        for (name, value) in self.headers {
            request = request.header(*name, *value);
        }
        let failed = |error: ureq::Error| format!("{}: {error}", self.url);
        let (parts, mut body) = request.call().map_err(failed)?.into_parts();
        let body = body.with_config().limit(self.most).read_to_vec().map_err(failed)?;
        Ok(Got { status: parts.status.as_u16(), body, response: Response::from_parts(parts, ()) })
    }
}

fn agent(url: &str, any_certificate: bool) -> Agent {
    let tls = TlsConfig::builder().disable_verification(any_certificate).build();
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(Duration::from_secs(SECONDS)))
        .user_agent("vestibule")
        .tls_config(tls);
    // Where a proxy is set, it has no way to this computer.
    let local = WebUrl::parse(url).is_ok_and(|url| url.is_local());
    let config = if local { config.proxy(None) } else { config };
    config.build().new_agent()
}

impl Got {
    /// A header's first value, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Posts a form, and reads the JSON that comes back.
pub fn post<T: DeserializeOwned>(url: &str, form: &[(&str, &str)]) -> Result<T, String> {
    let failed = |error: ureq::Error| format!("{url}: {error}");
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = agent(url, false).post(url).content_type("application/x-www-form-urlencoded");
    let mut response = request.send(form.as_bytes()).map_err(failed)?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(ANSWER).read_to_vec().map_err(failed)?;
    if status != 200 {
        let said = String::from_utf8_lossy(&body);
        return Err(format!("{url}: it answers with {status}: {said}"));
    }
    serde_json::from_slice(&body).map_err(|error| format!("{url}: {error}"))
}

/// Fetches a document: by https, of at most so many bytes, and from no other host than the one that
/// was asked.
pub fn document(url: &str, most: usize) -> Result<Vec<u8>, String> {
    let refused = |what: &str| format!("{what}: {}", vestibule::refusals::Refusal::UrlRefused);
    let mut at = WebUrl::parse(url).map_err(|_| refused(url))?;
    for _ in 0..=REDIRECTS {
        let most = most.try_into().unwrap_or(u64::MAX);
        let get = Get { url: at.as_str(), headers: &[], any_certificate: false, most };
        let got = get.send()?;
        match (got.status, got.header("location")) {
            (200, _) => return Ok(got.body),
            (301 | 302 | 303 | 307 | 308, Some(to)) => {
                at = at.redirected(to).map_err(|_| refused(to))?;
            }
            (status, _) => return Err(format!("{}: it answers with {status}", at.as_str())),
        }
    }
    Err(format!("{url}: more than {REDIRECTS} redirects"))
}
