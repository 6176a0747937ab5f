//! Exclusive canonicalisation, rule by rule.

use super::parse;
use vestibule::refusals::Refusal;
use vestibule::xml::c14n::canonicalize;

/// The canonical form of the element at `place`, counted in document order.
fn canonical(xml: &str, place: usize, prefixes: &[&str]) -> String {
    let document = parse(xml).unwrap();
    let apex = document.root().descendants().nth(place).unwrap();
    String::from_utf8(canonicalize(apex, None, prefixes).unwrap()).unwrap()
}

#[test]
fn rules() {
    let cases: &[(&str, &str, usize, &[&str], &str)] = &[
        ("an empty element gets two tags", "<a/>", 0, &[], "<a></a>"),
        ("tags lose their spacing", "<a  b = 'c' ><d /></a >", 0, &[], r#"<a b="c"><d></d></a>"#),
        (
            "attributes in no namespace first, then by namespace and not by prefix",
            "<a xmlns:x='urn:2' xmlns:y='urn:1' x:b='1' y:b='2' y:a='3' d='4' c='5'/>",
            0,
            &[],
            r#"<a xmlns:x="urn:2" xmlns:y="urn:1" c="5" d="4" y:a="3" y:b="2" x:b="1"></a>"#,
        ),
        (
            "by code point, not by UTF-16 unit",
            "<a \u{10400}='1' \u{FDF0}='2'/>",
            0,
            &[],
            "<a \u{FDF0}=\"2\" \u{10400}=\"1\"></a>",
        ),
        (
            "declarations by prefix, the default first",
            "<b:a xmlns:b='urn:b' xmlns:a='urn:a' a:x=''><c xmlns='urn:c' b:y='' a:z=''/></b:a>",
            1,
            &[],
            r#"<c xmlns="urn:c" xmlns:a="urn:a" xmlns:b="urn:b" a:z="" b:y=""></c>"#,
        ),
        (
            "only what is visibly utilised, where it is, and once",
            "<a xmlns:x='urn:x' xmlns:y='urn:y'><x:b><x:c y:d=''/></x:b></a>",
            0,
            &[],
            r#"<a><x:b xmlns:x="urn:x"><x:c xmlns:y="urn:y" y:d=""></x:c></x:b></a>"#,
        ),
        (
            "the prefix xml is never declared",
            "<a xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:lang='en'/>",
            0,
            &["xml"],
            r#"<a xml:lang="en"></a>"#,
        ),
        (
            "siblings say it again",
            "<a xmlns:x='urn:x'><x:b/><x:b/></a>",
            0,
            &[],
            r#"<a><x:b xmlns:x="urn:x"></x:b><x:b xmlns:x="urn:x"></x:b></a>"#,
        ),
        (
            "a prefix that changes its meaning, and back",
            "<x:a xmlns:x='urn:1'><x:b xmlns:x='urn:2'><x:c xmlns:x='urn:1'/></x:b></x:a>",
            0,
            &[],
            r#"<x:a xmlns:x="urn:1"><x:b xmlns:x="urn:2"><x:c xmlns:x="urn:1"></x:c></x:b></x:a>"#,
        ),
        (
            "a repeated declaration is not repeated",
            "<x:a xmlns:x='urn:1'><x:b xmlns:x='urn:1'/></x:a>",
            0,
            &[],
            r#"<x:a xmlns:x="urn:1"><x:b></x:b></x:a>"#,
        ),
        (
            "no default namespace, under one in the output",
            "<a xmlns='urn:d'><b xmlns=''><c/></b></a>",
            0,
            &[],
            r#"<a xmlns="urn:d"><b xmlns=""><c></c></b></a>"#,
        ),
        (
            "no default namespace, under one that is not in the output",
            "<a xmlns='urn:d'><b xmlns=''><c/></b></a>",
            1,
            &[],
            "<b><c></c></b>",
        ),
        (
            "a default namespace that only a prefixed element has in scope",
            "<x:a xmlns='urn:d' xmlns:x='urn:x'><b xmlns=''/></x:a>",
            0,
            &[],
            r#"<x:a xmlns:x="urn:x"><b></b></x:a>"#,
        ),
        (
            "the same with #default",
            "<x:a xmlns='urn:d' xmlns:x='urn:x'><b xmlns=''/></x:a>",
            0,
            &["#default"],
            r#"<x:a xmlns="urn:d" xmlns:x="urn:x"><b xmlns=""></b></x:a>"#,
        ),
        (
            "a PrefixList is rendered where it is in scope",
            "<a xmlns:x='urn:x' xmlns:y='urn:y'><b><c xmlns:x='urn:z'/></b></a>",
            1,
            &["x", "absent", "xml"],
            r#"<b xmlns:x="urn:x"><c xmlns:x="urn:z"></c></b>"#,
        ),
        (
            "xml: attributes stay where they are and need no declaration",
            "<a xml:lang='en' xml:space='preserve'><b xml:lang='de'/></a>",
            1,
            &[],
            r#"<b xml:lang="de"></b>"#,
        ),
        (
            "text",
            "<a>&amp;&lt;&gt;>\"'\t\r\n&#13;&#x9;&#233;</a>",
            0,
            &[],
            "<a>&amp;&lt;&gt;&gt;\"'\t\n&#xD;\t\u{E9}</a>",
        ),
        (
            "values",
            "<a b='&amp;&lt;>\"&apos;\t\r\n&#13;&#x9;&#10;&#233;'/>",
            0,
            &[],
            "<a b=\"&amp;&lt;>&quot;'  &#xD;&#x9;&#xA;\u{E9}\"></a>",
        ),
        ("nothing is composed", "<a>e\u{301}\u{E9}</a>", 0, &[], "<a>e\u{301}\u{E9}</a>"),
        ("outside the root nothing", "\u{FEFF}<?xml version='1.0'?>\n<a/>\n", 0, &[], "<a></a>"),
    ];
    for (rule, xml, place, prefixes, expected) in cases {
        assert_eq!(canonical(xml, *place, prefixes), *expected, "{rule}");
    }
}

#[test]
fn one_element_is_left_out_and_its_white_space_stays() {
    let document = parse("<a> <b>1</b>\n<b>1</b> </a>").unwrap();
    let second = document.root().children().nth(1);
    let bytes = canonicalize(document.root(), second, &[]).unwrap();
    assert_eq!(bytes, b"<a> <b>1</b>\n </a>");
    let elsewhere = parse("<a> <b>1</b>\n<b>1</b> </a>").unwrap();
    let bytes = canonicalize(document.root(), elsewhere.root().children().next(), &[]).unwrap();
    assert_eq!(bytes, b"<a> <b>1</b>\n<b>1</b> </a>");
}

#[test]
fn canonical_empty() {
    let document = parse("<a/>").unwrap();
    let outcome = canonicalize(document.root(), Some(document.root()), &[]);
    assert_eq!(outcome, Err(Refusal::CanonicalEmpty));
}

#[test]
fn xml_too_large_by_repeated_namespaces() {
    // 160 KiB that would be 1.9 MB with 1 KB namespaces, and more than the limit with several.
    let declared: String =
        (0..8).map(|i| format!(" xmlns:p{i}='urn:{}'", "x".repeat(1_000))).collect();
    let child = "<a p0:a='' p1:b='' p2:c='' p3:d='' p4:e='' p5:f='' p6:g='' p7:h=''/>";
    let document = parse(&format!("<a{declared}>{}</a>", child.repeat(1_000))).unwrap();
    assert_eq!(canonicalize(document.root(), None, &[]), Err(Refusal::XmlTooLarge));
}
