//! The canonical path: what is refused, what is respelled, and what holds of every one.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use common::Random;
use url::Url;
use vestibule::policy::CanonicalPath;
use vestibule::refusals::Refusal;

#[test]
fn refused() {
    use Refusal::*;
    let long = format!("/{}", "a".repeat(2048));
    let grows_long = format!("/{}", "<".repeat(700));
    let many = "/a".repeat(65);
    let many_encoded = format!("/{}a", "a%2F".repeat(64));
    let table: &[(&str, Refusal)] = &[
        ("", PathNotAbsolute),
        ("*", PathNotAbsolute),
        ("a/b", PathNotAbsolute),
        ("/a?b", PathHasQuery),
        ("/foo/secret#/bar", PathHasQuery),
        ("/café", PathNotAscii),
        ("/a b", PathNotAscii),
        ("/a\tb", PathNotAscii),
        ("/a\u{7f}", PathNotAscii),
        ("/%", PathBadEscape),
        ("/%4", PathBadEscape),
        ("/%4/", PathBadEscape),
        ("/%zz", PathBadEscape),
        ("/%u0041", PathBadEscape),
        ("/%+1", PathBadEscape),
        ("/a%00", PathControl),
        ("/a%0d%0aSet-Cookie:x", PathControl),
        ("/a%7F", PathControl),
        ("/a%C2%85", PathControl),
        ("/a%2f", PathEncodedSlash),
        ("/a%2F/b", PathEncodedSlash),
        ("/%2fa", PathEncodedSlash),
        ("/a%2f%2Fb", PathEncodedSlash),
        ("/a%2f;x", PathEncodedSlash),
        ("/a%2f;x%2fb", PathEncodedSlash),
        ("/a%2f..%2fb", PathDotSegment),
        ("/..%2fb", PathDotSegment),
        ("/a%2f%2e", PathDotSegment),
        ("/a%2f..;x", PathDotSegment),
        ("/a%252fb", PathDoubleEncoded),
        ("/a\\b", PathBackslash),
        ("/a%5cb", PathBackslash),
        ("/a%FF", PathNotUtf8),
        ("/a%C0%AFb", PathNotUtf8),
        ("/%E9", PathNotUtf8),
        ("/%252e%252e/admin", PathDoubleEncoded),
        ("/%25%32%66", PathDoubleEncoded),
        ("/a%2541", PathDoubleEncoded),
        ("/a%25u002f", PathDoubleEncoded),
        ("/a/./b", PathDotSegment),
        ("/a/../b", PathDotSegment),
        ("/..", PathDotSegment),
        ("/%2e%2E/admin", PathDotSegment),
        ("/a/.%2e", PathDotSegment),
        ("/public/..;x=1/admin", PathDotSegment),
        ("/public/..;/admin", PathDotSegment),
        ("/public/%2e.%3Bx/admin", PathDotSegment),
        ("/public/..%20/admin", PathDotSegment),
        (&long, PathTooLong),
        (&grows_long, PathTooLong),
        (&many, PathTooLong),
        (&many_encoded, PathTooLong),
    ];
    for (raw, refusal) in table {
        assert_eq!(CanonicalPath::parse(raw).err(), Some(*refusal), "{raw}");
    }
}

#[test]
fn respelled() {
    let table = [
        ("/", "/"),
        ("//", "/"),
        ("/HR", "/HR"),
        ("/HR/", "/HR/"),
        ("//HR///payroll//", "/HR/payroll/"),
        ("/%48%52", "/HR"),
        ("/%61dmin", "/admin"),
        ("/a%2fb", "/a%2Fb"),
        ("/a%7eb%2d%5f%2E", "/a~b-_."),
        ("/caf%c3%a9", "/caf%C3%A9"),
        ("/a%20b", "/a%20b"),
        ("/100%25", "/100%25"),
        ("/a%23b", "/a%23b"),
        ("/a@b:c;d=1,e!$&'()*+", "/a@b:c;d=1,e!$&'()*+"),
        ("/a<b>\"c\"`{d}^|[e]", "/a%3Cb%3E%22c%22%60%7Bd%7D%5E%7C%5Be%5D"),
        ("/...", "/..."),
        ("/.well-known/x", "/.well-known/x"),
        ("/..a/b..", "/..a/b.."),
    ];
    for (raw, canonical) in table {
        assert_eq!(CanonicalPath::parse(raw).unwrap().as_str(), canonical, "{raw}");
    }
    let path = CanonicalPath::parse("//HR//payroll/").unwrap();
    assert_eq!(path.segments().collect::<Vec<_>>(), ["HR", "payroll"]);
}

#[test]
fn canonical_paths_stay_as_they_are() {
    const PARTS: &[&str] = &[
        "/", "/", "/", "a", "HR", ".", "..", ";", "%2e", "%2E", "%2f", "%5C", "\\", "%", "%2",
        "%25", "25", "41", "u002f", "%00", "%7f", "%C3%A9", "%c3", "%ff", "é", " ", "%20", "?",
        "#", "%23", "%3F", "%3b", "<", "\"", "`", "{", "^", "|", "[", "'", "@", ":", "~", "%41",
        "%7E", "\t",
    ];
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut accepted = 0;
    for _ in 0..200_000 {
        let mut raw = "/".to_owned();
        for _ in 0..random.below(8) {
            raw.push_str(random.pick(PARTS));
        }
        let Ok(path) = CanonicalPath::parse(&raw) else { continue };
        accepted += 1;
        let text = path.as_str();
        assert_eq!(CanonicalPath::parse(text).as_ref(), Ok(&path), "idempotent: {raw}");
        let url = Url::parse(&format!("https://h{text}")).unwrap();
        assert_eq!(url.path(), text, "stable under WHATWG: {raw}");
        assert_eq!((url.query(), url.fragment()), (None, None), "{raw}");
        let lower = text.to_ascii_lowercase();
        for form in ["//", "%5c", "%2e", "\\", "/./", "/../", "%00", "?", "#"] {
            assert!(!lower.contains(form), "{form} in {text} from {raw}");
        }
        assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{raw}");
    }
    assert!(accepted > 20_000, "{accepted}");
}

/// What a browser or the platform has normalised before us reads as what it was before, or the
/// original is refused.
#[test]
fn normalised_before_us_is_read_alike() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    const PARTS: &[&str] = &["/", "a", "B", "%41", "%2D", "é", "%C3%A9", "<", "{", "|", "'", ";x"];
    for _ in 0..50_000 {
        let mut raw = "/".to_owned();
        for _ in 0..random.below(10) {
            raw.push_str(random.pick(PARTS));
        }
        let Ok(path) = CanonicalPath::parse(&raw) else { continue };
        let parsed = Url::parse(&format!("https://h{raw}")).unwrap();
        assert_eq!(CanonicalPath::parse(parsed.path()).as_ref(), Ok(&path), "{raw}");
        let merged = raw.replace("//", "/").replace("%41", "A").replace("%2D", "-");
        assert_eq!(CanonicalPath::parse(&merged).as_ref(), Ok(&path), "{raw}");
    }
}
