//! Who is sent to a sign-in, who gets a page that asks for one, and who gets a problem document.

use super::*;

/// A request without a header that is not named.
struct Bare<'a> {
    method: &'a str,
    headers: Vec<(&'a str, &'a str)>,
}

impl Asked for Bare<'_> {
    fn method(&self) -> &str {
        self.method
    }
    fn header(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }
    fn header_names(&self) -> Vec<&str> {
        self.headers.iter().map(|(name, _)| *name).collect()
    }
    fn whence(&self) -> Whence {
        Whence::default()
    }
}

#[derive(Debug, PartialEq)]
enum Gets {
    /// On the way to the identity provider.
    SignIn,
    /// 401, and a page.
    Page,
    /// 401, and a page that says that nothing was sent.
    NotSent,
    /// 401, and a problem document.
    Problem,
}
use Gets::{NotSent, Page, Problem, SignIn};

const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
const ANY: (&str, &str) = ("accept", "*/*");

fn mode(mode: &str) -> (&str, &str) {
    ("sec-fetch-mode", mode)
}
fn dest(dest: &str) -> (&str, &str) {
    ("sec-fetch-dest", dest)
}

/// Name, method, headers.
type Row<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>, Gets);

#[test]
fn sign_in_needed() {
    let world = World::new();
    let (navigate, document) = (mode("navigate"), dest("document"));
    let xhr = ("x-requested-with", "XMLHttpRequest");
    let table: Vec<Row<'_>> = vec![
        // What a browser shows.
        ("a page", "GET", vec![HTML, navigate, document], SignIn),
        ("a page, by a service worker", "GET", vec![HTML, navigate, dest("empty")], SignIn),
        (
            "a page, in an app's web view",
            "GET",
            vec![HTML, navigate, document, ("x-requested-with", "com.example.app")],
            SignIn,
        ),
        (
            "a page, reloaded",
            "GET",
            vec![HTML, navigate, document, ("cache-control", "no-cache")],
            SignIn,
        ),
        ("a page, in an old browser", "GET", vec![HTML], SignIn),
        ("a frame", "GET", vec![HTML, navigate, dest("iframe")], Page),
        ("an old frame", "GET", vec![HTML, navigate, dest("frame")], Page),
        ("an embed", "GET", vec![HTML, navigate, dest("embed")], Page),
        ("an object", "GET", vec![HTML, navigate, dest("object")], Page),
        ("a fenced frame", "GET", vec![HTML, navigate, dest("fencedframe")], Page),
        ("a form", "POST", vec![HTML, navigate, document], NotSent),
        ("a form, in an old browser", "POST", vec![HTML], NotSent),
        (
            "a page, looked at ahead",
            "GET",
            vec![HTML, navigate, document, ("sec-purpose", "prefetch")],
            Page,
        ),
        (
            "a page, drawn ahead",
            "GET",
            vec![HTML, navigate, document, ("sec-purpose", "prefetch;prerender")],
            Page,
        ),
        (
            "a page, looked at ahead by old browsers",
            "GET",
            vec![HTML, ("purpose", "prefetch")],
            Page,
        ),
        ("a page, looked at ahead by old Firefox", "GET", vec![HTML, ("x-moz", "prefetch")], Page),
        // What it does not show.
        ("fetch", "GET", vec![ANY, mode("cors"), dest("empty")], Problem),
        ("fetch for a page", "GET", vec![HTML, mode("cors"), dest("empty")], Problem),
        (
            "fetch at the same origin",
            "GET",
            vec![HTML, mode("same-origin"), dest("empty")],
            Problem,
        ),
        ("fetch without CORS", "GET", vec![ANY, mode("no-cors"), dest("empty")], Problem),
        ("fetch with a body", "PUT", vec![ANY, mode("cors"), dest("empty")], Problem),
        ("a form that a script sends", "POST", vec![HTML, mode("cors"), dest("empty")], Problem),
        ("a beacon", "POST", vec![ANY, mode("no-cors"), dest("empty")], Problem),
        (
            "an image",
            "GET",
            vec![("accept", "image/avif,image/*"), mode("no-cors"), dest("image")],
            Problem,
        ),
        ("a script", "GET", vec![ANY, mode("no-cors"), dest("script")], Problem),
        ("a module", "GET", vec![ANY, mode("cors"), dest("script")], Problem),
        (
            "a style sheet",
            "GET",
            vec![("accept", "text/css"), mode("no-cors"), dest("style")],
            Problem,
        ),
        ("a font", "GET", vec![ANY, mode("cors"), dest("font")], Problem),
        ("a video", "GET", vec![ANY, mode("no-cors"), dest("video")], Problem),
        ("a manifest", "GET", vec![ANY, mode("cors"), dest("manifest")], Problem),
        ("a worker", "GET", vec![ANY, mode("same-origin"), dest("worker")], Problem),
        ("a shared worker", "GET", vec![ANY, mode("same-origin"), dest("sharedworker")], Problem),
        (
            "a service worker",
            "GET",
            vec![ANY, mode("same-origin"), dest("serviceworker"), ("service-worker", "script")],
            Problem,
        ),
        (
            "server-sent events",
            "GET",
            vec![("accept", "text/event-stream"), mode("cors"), dest("empty")],
            Problem,
        ),
        (
            "a WebSocket",
            "GET",
            vec![("upgrade", "websocket"), mode("websocket"), dest("empty")],
            Problem,
        ),
        ("a WebSocket of an old browser", "GET", vec![HTML, ("upgrade", "WebSocket")], Problem),
        (
            "a link's prefetch",
            "GET",
            vec![ANY, mode("no-cors"), dest("empty"), ("sec-purpose", "prefetch")],
            Problem,
        ),
        ("XMLHttpRequest of an old browser", "GET", vec![HTML, xhr], Problem),
        // What is no browser at all.
        ("nothing but a request", "GET", vec![], Problem),
        ("curl", "GET", vec![ANY, ("user-agent", "curl/8.5.0")], Problem),
        ("a client for JSON", "GET", vec![("accept", "application/json")], Problem),
        ("curl -X DELETE", "DELETE", vec![ANY], Problem),
        ("HEAD", "HEAD", vec![ANY], Problem),
        ("OPTIONS", "OPTIONS", vec![ANY], Problem),
        (
            "a preflight",
            "OPTIONS",
            vec![
                ANY,
                mode("cors"),
                ("origin", "https://other.example"),
                ("access-control-request-method", "PUT"),
            ],
            Problem,
        ),
    ];
    for (name, method, headers, expected) in table {
        let bare = Bare { method, headers };
        let got = match world.ask(&bare, "/HR?a=b") {
            Ok(Answer::SignIn(..)) => SignIn,
            Ok(other) => panic!("{name}: {other:?}"),
            Err(refused) => {
                let is_form = refused.refusal == Refusal::FormNotSent;
                assert!(is_form || refused.refusal == Refusal::SignInNeeded, "{name}");
                let reply = refusing(&refused, &bare);
                assert_eq!(reply.status, 401, "{name}");
                assert_eq!(header(&reply.headers, "location"), None, "{name}");
                let way = header(&reply.headers, "www-authenticate").unwrap();
                assert_eq!(way, "Access login=\"https://app.example/.access/login\"", "{name}");
                match header(&reply.headers, "content-type").unwrap() {
                    "text/html; charset=utf-8" if is_form => NotSent,
                    "text/html; charset=utf-8" => Page,
                    "application/problem+json" => {
                        let problem: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
                        assert_eq!(problem["status"], 401, "{name}");
                        assert_eq!(problem["code"], "sign-in-needed", "{name}");
                        assert_eq!(problem["sign_in"], "https://app.example/.access/login");
                        Problem
                    }
                    other => panic!("{name}: {other}"),
                }
            }
        };
        assert_eq!(got, expected, "{name}");
    }
}

/// What was typed is not lost silently: the page says so, and leads to a sign-in beside it.
#[test]
fn form_not_sent() {
    let (world, mut alice) = (World::new(), Browser::default());
    let post = |browser: &Browser, path| {
        let browser = Browser { method: Some("POST"), ..browser.clone() };
        let refused = world.ask(&browser, path).expect_err(path);
        assert_eq!(refused.refusal, Refusal::FormNotSent);
        let reply = refusing(&refused, &browser);
        assert_eq!(reply.status, 401);
        reply.body
    };
    let page = post(&alice, "/HR");
    let link = "href=\"/.access/login?to=%2F%2Eaccess%2Fsigned%2Din\"";
    assert!(page.contains(link) && page.contains("target=\"_blank\""), "{page}");

    // There it ends.
    let reply = world.sign_in(&mut alice, "/.access/login?to=/.access/signed-in");
    assert_eq!(header(&reply.headers, "location"), Some("/.access/signed-in"));
    assert!(world.reply(&alice, "/.access/signed-in").body.contains("alice@example.com"));
    world.forward(&Browser { method: Some("POST"), ..alice.clone() }, "/HR");

    // Where a newer sign-in is needed, an old one of the identity provider would not do.
    world.now.set(NOW + 290);
    let page = post(&alice, "/safe");
    assert!(
        page.contains("/.access/login?to=%2F%2Eaccess%2Fsigned%2Din&#38;switch=yes\""),
        "{page}"
    );
    let (id, relay) = world.begin(&mut alice, "/.access/login?to=/.access/signed-in&switch=yes");
    let refused = world.post(&alice, &response(&id), &relay, true).unwrap_err();
    assert_eq!(refused.refusal, Refusal::AuthnStale);

    // A page in a new tab begins the sign-in, where it was opened without one.
    let (id, relay) = world.begin(&mut Browser::default(), "/.access/signed-in");
    assert!(!id.is_empty() && !relay.is_empty());
}
