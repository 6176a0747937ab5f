//! The gate's cookies: their names, how they are set, and how they are kept from the origin.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::limits;

/// The session. A large one continues in `__Host-access-1`, `__Host-access-2`, …
pub const SESSION: &str = "__Host-access";
/// The sealed state of one sign-in; the handle that RelayState carries follows.
pub const LOGIN: &str = "__Host-access-login-";
/// The sign-in that this browser's sessions come of, sealed: [`crate::session::Root`].
pub const ROOT: &str = "__Host-access-root";
/// Somebody signed out here, and may be signed in at the auth host.
pub const SIGNED_OUT: &str = "__Host-access-signed-out";

/// Says for a minute that a sign-in has ended; see [`crate::gate`].
pub const ENDED: &str = "__Host-access-ended";

/// The fragment of an address, which our script put there; the handle of a sign-in follows.
pub const FRAGMENT: &str = "__Host-access-fragment-";

/// Name and value of every cookie in a `Cookie` header, as sent (RFC 6265 5.4).
pub fn pairs(header: &str) -> impl Iterator<Item = (&str, &str)> {
    header.split(';').filter_map(|pair| trimmed(pair).split_once('='))
}

/// Without the spaces that a browser drops (RFC 6265bis 5.6), and no others: a browser lets
/// a sibling host set `\u{a0}__Host-access` for us, because it is another name than ours.
fn trimmed(pair: &str) -> &str {
    pair.trim_matches([' ', '\t'])
}

/// The one cookie of this name. `None` where there is none, or more than one.
pub fn only<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let mut values = pairs(header).filter(|(known, _)| *known == name).map(|(_, value)| value);
    let first = values.next();
    if values.next().is_some() { None } else { first }
}

/// Whether a cookie is the gate's own.
pub fn is_ours(name: &str) -> bool {
    name == SESSION || name.strip_prefix(SESSION).is_some_and(|rest| rest.starts_with('-'))
}

/// The `Cookie` header for the origin: everything but the gate's own. `None` where nothing is left.
/// The lines of a client that sends several come joined by commas (Fetch 2.2.2).
pub fn for_origin(header: &str) -> Option<String> {
    let has_our_name =
        |cookie: &str| is_ours(trimmed(cookie.split_once('=').map_or(cookie, |(name, _)| name)));
    let theirs = header.split(';').map(trimmed);
    let theirs = theirs.filter(|pair| !pair.is_empty() && !pair.split(',').any(has_our_name));
    let kept = theirs.collect::<Vec<_>>().join("; ");
    if kept.is_empty() { None } else { Some(kept) }
}

fn session_name(part: usize) -> String {
    if part == 0 { SESSION.to_owned() } else { format!("{SESSION}-{part}") }
}

/// `Set-Cookie` values that keep a sealed session, split where one cookie can't hold it.
/// `None` where [`limits::SESSION_COOKIES`] can't either.
pub fn set_session(sealed: &str, seconds: i64) -> Option<Vec<String>> {
    // Sealed values are base64url, so every byte is a character.
    let parts: Vec<&str> = sealed
        .as_bytes()
        .chunks(limits::COOKIE_VALUE)
        .filter_map(|part| std::str::from_utf8(part).ok())
        .collect();
    if parts.len() > limits::SESSION_COOKIES {
        return None;
    }
    let count = parts.len();
    let cookie = |(at, part): (usize, &&str)| {
        let lead = if at == 0 { format!("{count}.") } else { String::new() };
        let name = session_name(at);
        format!("{name}={lead}{part}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax")
    };
    Some(parts.iter().enumerate().map(cookie).collect())
}

/// The sealed session of a `Cookie` header, put together again. Parts that are missing or doubled
/// make no session.
pub fn session(header: &str) -> Option<Cow<'_, str>> {
    let (count, first) = only(header, SESSION)?.split_once('.')?;
    let count =
        count.parse::<usize>().ok().filter(|n| (1..=limits::SESSION_COOKIES).contains(n))?;
    let mut sealed = Cow::Borrowed(first);
    for part in 1..count {
        sealed.to_mut().push_str(only(header, &session_name(part))?);
    }
    Some(sealed)
}

/// `Set-Cookie` values that keep the state of one more sign-in, and end the older ones where there
/// are too many. `SameSite=None`, because the identity provider's POST comes from another site.
pub fn login(header: &str, handle: &str, sealed: &str) -> Vec<String> {
    let under_way = pairs(header).filter(|(name, _)| name.starts_with(LOGIN)).count();
    let mut set = Vec::new();
    if under_way >= limits::LOGINS_UNDER_WAY {
        set.extend(clear(header, |name| name.starts_with(LOGIN)));
    }
    let seconds = limits::LOGIN_SECONDS;
    set.push(format!(
        "{LOGIN}{handle}={sealed}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=None"
    ));
    set
}

/// The `Set-Cookie` value that lets the next sign-in of this browser take the place of this one,
/// though an identity provider's POST brings no session, for as long as a session can last.
pub fn set_root(sealed: &str) -> String {
    let seconds = limits::SESSION_SECONDS;
    format!("{ROOT}={sealed}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=None")
}

/// The `Set-Cookie` value that remembers that somebody signed out here and not at the auth host,
/// for as long as they can be signed in there.
pub fn set_signed_out() -> String {
    let seconds = limits::SESSION_SECONDS;
    format!("{SIGNED_OUT}=yes; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax")
}

/// The `Set-Cookie` value that says that a sign-in has ended, and where it led.
pub fn set_ended(value: &str) -> String {
    let seconds = limits::ROUND_SECONDS;
    format!("{ENDED}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=None")
}

/// The fragment that a cookie of this name keeps, with its `#`. Our script encodes it as a whole, and
/// browsers send none with anything but visible ASCII (WHATWG URL 4.4).
pub fn fragment(header: &str, name: &str) -> Option<String> {
    let decoded = percent_decode_str(only(header, name)?).decode_utf8().ok()?;
    let visible = decoded.bytes().all(|byte| byte.is_ascii_graphic());
    (visible && decoded.len() <= limits::FRAGMENT).then(|| format!("#{decoded}"))
}

/// `Set-Cookie` values that end every cookie of a `Cookie` header for which `ends` holds.
pub fn clear(header: &str, ends: impl Fn(&str) -> bool) -> Vec<String> {
    pairs(header).map(|(name, _)| name).filter(|name| ends(name)).map(cleared).collect()
}

/// `Set-Cookie` values that end what a longer session than one of so many parts has left.
pub fn clear_session_from(parts: usize) -> impl Iterator<Item = String> {
    (parts..limits::SESSION_COOKIES).map(|part| cleared(&session_name(part)))
}

fn cleared(name: &str) -> String {
    let site = if name.starts_with(LOGIN) { "None" } else { "Lax" };
    format!("{name}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite={site}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent_back(set: &[String]) -> String {
        let pairs: Vec<_> = set.iter().map(|cookie| cookie.split(';').next().unwrap()).collect();
        pairs.join("; ")
    }

    #[test]
    fn a_session_comes_back_whole_whatever_its_size() {
        for size in [
            1,
            limits::COOKIE_VALUE,
            limits::COOKIE_VALUE + 1,
            limits::SESSION_COOKIES * limits::COOKIE_VALUE,
        ] {
            let sealed = "x".repeat(size);
            let set = set_session(&sealed, 60).unwrap();
            assert!(set.iter().all(|cookie| cookie.len() <= 4096));
            assert_eq!(session(&sent_back(&set)).as_deref(), Some(&*sealed));
        }
        assert_eq!(
            set_session(&"x".repeat(limits::SESSION_COOKIES * limits::COOKIE_VALUE + 1), 60),
            None
        );
    }

    #[test]
    fn a_part_that_is_missing_or_doubled_makes_no_session() {
        let set = set_session(&"x".repeat(2 * limits::COOKIE_VALUE), 60).unwrap();
        assert_eq!(session(&sent_back(&set[..1])), None);
        assert_eq!(session(&format!("{}; {}", sent_back(&set), sent_back(&set[1..]))), None);
        for bad in ["", "__Host-access=", "__Host-access=0.x", "__Host-access=9.x", "a=1.x"] {
            assert_eq!(session(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_name_that_only_looks_like_ours_is_not_ours() {
        // A sibling host may set such a name for us all, past the browser's check of `__Host-`.
        for space in ["\u{a0}", "\u{85}", "\u{2000}", "\u{feff}", "\u{b}", "\u{c}"] {
            assert_eq!(session(&format!("a=1; {space}__Host-access=1.x")), None, "{space:?}");
            assert_eq!(session(&format!("__Host-access{space}=1.x")), None, "{space:?}");
        }
        assert_eq!(session("a=1;\t__Host-access=1.x ; b=2").as_deref(), Some("x"));
    }

    #[test]
    fn a_fragment_comes_back_as_it_was_and_can_be_nothing_else() {
        let name = "__Host-access-fragment-x";
        let kept = |value: &str| fragment(&format!("a=1; {name}={value}"), name);
        assert_eq!(kept("%2Fboards%2F7%3Fq%3Da%3Bb").as_deref(), Some("#/boards/7?q=a;b"));
        assert_eq!(kept("caf%25C3%25A9").as_deref(), Some("#caf%C3%A9"));
        for bad in ["a%0D%0AX: y", "a%00", "a%20b", "%C3%A9", "%FF", &"a".repeat(1025)] {
            assert_eq!(kept(bad), None, "{bad}");
        }
        assert_eq!(fragment(&format!("{name}=a; {name}=b"), name), None);
    }

    #[test]
    fn the_origin_gets_only_its_own_cookies() {
        let header = "a=1; __Host-access=1.x; __Host-access-1=y; __Host-access-login-z=1;b=2; flag";
        assert_eq!(for_origin(header).as_deref(), Some("a=1; b=2; flag"));
        assert_eq!(for_origin("__Host-access=1.x;"), None);
        assert_eq!(for_origin("__Host-accessory=1").as_deref(), Some("__Host-accessory=1"));
        // Two `Cookie` lines of a client that must send one.
        let two = "a=1, __Host-access=1.x; b=2,3, 4; c=5,__Host-access-1=y, d=6";
        assert_eq!(for_origin(two).as_deref(), Some("b=2,3, 4"));
    }
}
