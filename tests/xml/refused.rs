//! What the reader refuses, each with its code, and beside it the honest twin that it reads.

use super::parse;
use vestibule::refusals::Refusal::{self, *};
use vestibule::xml::{Document, Profile};

/// The refusal of each bad document, and that its twin is read, by us and by roxmltree.
fn check(cases: &[(&str, &str, Refusal)]) {
    for (good, bad, refusal) in cases {
        assert!(parse(good).is_ok(), "{good}: {:?}", parse(good).err());
        let good = good.trim_start_matches('\u{FEFF}');
        assert!(roxmltree::Document::parse(good).is_ok(), "roxmltree: {good}");
        assert_eq!(parse(bad).err(), Some(*refusal), "{bad}");
    }
}

#[test]
fn xml_encoding() {
    check(&[
        ("<?xml version='1.0'?><a/>", "<?xml version='1.1'?><a/>", XmlEncoding),
        (
            r#"<?xml version="1.0" encoding="utf-8"?><a/>"#,
            r#"<?xml version="1.0" encoding="UTF-16"?><a/>"#,
            XmlEncoding,
        ),
        (
            r#"<?xml version="1.0" standalone="yes" ?><a/>"#,
            r#"<?xml version="1.0" encoding="ISO-8859-1"?><a/>"#,
            XmlEncoding,
        ),
        (
            "<?xml version = '1.0' encoding='UTF-8' standalone='no'?>\n<a/>",
            "<?xml version='1.0' encoding='UTF-7'?><a/>",
            XmlEncoding,
        ),
    ]);
    for bytes in
        [&b"<a>\xFF</a>"[..], b"<a>\xC0\x80</a>", b"<a>\xED\xA0\x80</a>", b"\xFF\xFE<\0a\0/\0>\0"]
    {
        assert_eq!(Document::parse(bytes, &Profile::MESSAGE).err(), Some(XmlEncoding));
    }
}

#[test]
fn xml_doctype() {
    check(&[
        ("<a/>", "<!DOCTYPE a><a/>", XmlDoctype),
        ("<a/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", XmlDoctype),
        ("<a/>", r#"<!DOCTYPE r SYSTEM 'x"><!--'><a/>"#, XmlDoctype),
        ("<a/>", "<!doctype a><a/>", XmlDoctype),
        ("<a/>", "<a/><!DOCTYPE a>", XmlDoctype),
    ]);
}

#[test]
fn xml_instruction() {
    check(&[
        ("<?xml version='1.0'?><a/>", "<?xml-stylesheet href='x'?><a/>", XmlInstruction),
        ("<a>b</a>", "<a><?p not-an-?>b</a>", XmlInstruction),
        ("<a/>", "<a/><?p?>", XmlInstruction),
        ("<a/>", "<a/><?xml version='1.0'?>", XmlInstruction),
        ("<a/>", " <?xml version='1.0'?><a/>", XmlInstruction),
        ("<a><b/></a>", "<a><?xml version='1.0'?><b/></a>", XmlInstruction),
        ("<a/>", "<?XML version='1.0'?><a/>", XmlInstruction),
    ]);
}

#[test]
fn xml_comment() {
    check(&[
        ("<a>admin@x.evil</a>", "<a>admin@x<!---->.evil</a>", XmlComment),
        ("<a/>", "<!-- a --><a/>", XmlComment),
        ("<a/>", "<a/><!-- a -->", XmlComment),
        ("<a/>", "<a><!-- a -- b --></a>", XmlMalformed),
    ]);
}

#[test]
fn comments_of_metadata_are_as_if_they_were_not_there() {
    let xml = "<!-- a --><a>admin@x<!-- -->.evil<b/><!--c--></a><!-- d -->";
    let document = Document::parse(xml.as_bytes(), &Profile::METADATA).unwrap();
    let bytes = vestibule::xml::c14n::canonicalize(document.root(), None, &[]).unwrap();
    assert_eq!(bytes, b"<a>admin@x.evil<b></b></a>");
    for (bad, refusal) in [
        ("<a><!-- a -- b --></a>", XmlMalformed),
        ("<a><!-- a ---></a>", XmlMalformed),
        ("<a><?p?></a>", XmlInstruction),
    ] {
        assert_eq!(
            Document::parse(bad.as_bytes(), &Profile::METADATA).err(),
            Some(refusal),
            "{bad}"
        );
    }
}

#[test]
fn xml_cdata() {
    check(&[("<a>b</a>", "<a>admin<![CDATA[@x]]></a>", XmlCdata)]);
}

#[test]
fn xml_entity() {
    check(&[
        ("<a>&amp;&lt;&gt;&quot;&apos;</a>", "<a>&nbsp;</a>", XmlEntity),
        ("<a>&#65;&#x41;&#x00041;</a>", "<a>&#X41;</a>", XmlEntity),
        ("<a>&#x10FFFF;</a>", "<a>&#x110000;</a>", XmlEntity),
        ("<a>&#9;</a>", "<a>&#0;</a>", XmlEntity),
        ("<a>&#xD7FF;</a>", "<a>&#xD800;</a>", XmlEntity),
        ("<a>&#xFFFD;</a>", "<a>&#xFFFE;</a>", XmlEntity),
        ("<a>&#1114111;</a>", "<a>&#99999999999999999999;</a>", XmlEntity),
        ("<a>&#43;</a>", "<a>&#+43;</a>", XmlEntity),
        ("<a>&#43;</a>", "<a>&#;</a>", XmlEntity),
        ("<a>&#43;</a>", "<a>&;</a>", XmlEntity),
        ("<a b='&amp;'/>", "<a b='&foo;'/>", XmlEntity),
        ("<a b='&#x9;'/>", "<a b='&#x1;'/>", XmlEntity),
        ("<a b='&amp;'/>", "<a b='& '/>", XmlMalformed),
        ("<a>&amp; </a>", "<a>& </a>", XmlMalformed),
        ("<a>&amp;</a>", "<a>&amp</a>", XmlMalformed),
    ]);
}

#[test]
fn xml_malformed() {
    check(&[
        ("<a/>", "", XmlMalformed),
        ("<a/>", " ", XmlMalformed),
        ("<a/>", "<a/><b/>", XmlMalformed),
        ("<a/>", "<a></a><a></a>", XmlMalformed),
        ("<a/>\n", "<a/>b", XmlMalformed),
        ("<a/>", "b<a/>", XmlMalformed),
        ("<a/>", "<a/>&#32;", XmlMalformed),
        ("<a><b/></a>", "<a><b>", XmlMalformed),
        ("<a><b/></a>", "<a><b/>", XmlMalformed),
        ("<a><b></b></a>", "<a><b></a></b>", XmlMalformed),
        ("<a></a >", "<a></ a>", XmlMalformed),
        ("<a></a>", "<a></a b='c'>", XmlMalformed),
        ("<a></a>", "<a></a></a>", XmlMalformed),
        ("<a/>", "</a>", XmlMalformed),
        ("<a />", "< a/>", XmlMalformed),
        ("<a/>", "<a/ >", XmlMalformed),
        ("<a/>", "<a", XmlMalformed),
        ("<a/>", "<>", XmlMalformed),
        ("<a1/>", "<1a/>", XmlMalformed),
        ("<a-/>", "<-a/>", XmlMalformed),
        ("<\u{E9}\u{B7}/>", "<\u{B7}/>", XmlMalformed),
        ("<a.b/>", "<a\u{D7}b/>", XmlMalformed),
        ("<x:a xmlns:x='urn:x'/>", "<x:a:b xmlns:x='urn:x'/>", XmlMalformed),
        ("<x:a xmlns:x='urn:x'/>", "<:a/>", XmlMalformed),
        ("<x:a xmlns:x='urn:x'/>", "<x: xmlns:x='urn:x'/>", XmlMalformed),
        ("<a xmlns:x='urn:x' x:b=''/>", "<a ::x=''/>", XmlMalformed),
        ("<a xmlns:x='urn:x' x:b=''/>", "<a xmlns:x='urn:x' x:=''/>", XmlMalformed),
        ("<a xmlns='urn:x'/>", "<a xmlns:='urn:x'/>", XmlMalformed),
        ("<a b = 'c'/>", "<a b/>", XmlMalformed),
        ("<a b='c'/>", "<a b=c/>", XmlMalformed),
        ("<a b='c'/>", "<a b='c/>", XmlMalformed),
        ("<a b='c'/>", "<a ='c'/>", XmlMalformed),
        ("<a b='1' c='2'/>", "<a b='1'c='2'/>", XmlMalformed),
        ("<a b='&lt;'/>", "<a b='<'/>", XmlMalformed),
        ("<a b='>'/>", "<a b=''>'/>", XmlMalformed),
        ("<a>]]&gt;</a>", "<a>]]></a>", XmlMalformed),
        ("<a>]]&gt;</a>", "<a>&amp;]]></a>", XmlMalformed),
        ("<a>\u{9}\u{85}</a>", "<a>\u{1}</a>", XmlMalformed),
        ("<a>\u{7F}</a>", "<a>\0</a>", XmlMalformed),
        ("<a b='\u{FFFD}'/>", "<a b='\u{FFFF}'/>", XmlMalformed),
        ("\u{FEFF}<a/>", "\u{FEFF}\u{FEFF}<a/>", XmlMalformed),
        ("<a>\u{FEFF}</a>", "<a/>\u{FEFF}", XmlMalformed),
        ("<?xml version='1.0'?><a/>", "<?xml?><a/>", XmlMalformed),
        ("<?xml version='1.0'?><a/>", "<?xml encoding='UTF-8'?><a/>", XmlMalformed),
        (
            "<?xml version='1.0' encoding='UTF-8'?><a/>",
            "<?xml encoding='UTF-8' version='1.0'?><a/>",
            XmlMalformed,
        ),
        (
            "<?xml version='1.0' standalone='no'?><a/>",
            "<?xml version='1.0' version='1.0'?><a/>",
            XmlMalformed,
        ),
        ("<a/>", "<?xml version='1.0' standalone='on'?><a/>", XmlMalformed),
        ("<a/>", "<![IGNORE[<a/>]]>", XmlMalformed),
    ]);
}

#[test]
fn xml_duplicate_attribute() {
    check(&[
        ("<a b='' c=''/>", "<a b='' b=''/>", XmlDuplicateAttribute),
        ("<a b='' B=''/>", "<a b='1' c='' b='1'/>", XmlDuplicateAttribute),
        (
            "<a xmlns:x='urn:x' xmlns:y='urn:y' x:b='' y:b='' b=''/>",
            "<a xmlns:x='urn:x' xmlns:y='urn:x' x:b='' y:b=''/>",
            XmlDuplicateAttribute,
        ),
        ("<a xmlns='urn:x'/>", "<a xmlns='urn:x' xmlns='urn:x'/>", XmlDuplicateAttribute),
        (
            "<a xmlns:x='urn:x' xmlns:y='urn:x'/>",
            "<a xmlns:x='urn:x' xmlns:x='urn:y'/>",
            XmlDuplicateAttribute,
        ),
        (
            "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
            concat!(
                "<a xmlns:xml='http://www.w3.org/XML/1998/namespace' ",
                "xmlns:xml='http://www.w3.org/XML/1998/namespace'/>"
            ),
            XmlDuplicateAttribute,
        ),
    ]);
}

#[test]
fn xml_namespace() {
    check(&[
        ("<x:a xmlns:x='urn:x'/>", "<x:a/>", XmlNamespace),
        ("<a xmlns:x='urn:x' x:b=''/>", "<a x:b=''/>", XmlNamespace),
        ("<a xmlns:x='urn:x'><x:b/></a>", "<a><b xmlns:x='urn:x'/><x:b/></a>", XmlNamespace),
        ("<a xmlns='urn:x'><b xmlns=''/></a>", "<a xmlns:x=''/>", XmlNamespace),
        ("<a xml:lang='en'/>", "<a xmlns:xml='urn:x'/>", XmlNamespace),
        (
            "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
            "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
            XmlNamespace,
        ),
        ("<a/>", "<a xmlns:x='http://www.w3.org/XML/1998/namespace'/>", XmlNamespace),
        ("<a/>", "<a xmlns='http://www.w3.org/2000/xmlns/'/>", XmlNamespace),
        ("<a/>", "<a xmlns:xmlns='urn:x'/>", XmlNamespace),
        ("<a/>", "<xmlns:a/>", XmlNamespace),
        ("<a xmlns='urn:x'/>", "<a xmlns='1'/>", XmlNamespace),
        ("<a xmlns='urn:x'/>", "<a xmlns='foo/bar'/>", XmlNamespace),
        ("<a xmlns='urn:x'/>", "<a xmlns='#'/>", XmlNamespace),
        ("<a xmlns='urn:x'/>", "<a xmlns='1urn:x'/>", XmlNamespace),
        ("<a xmlns='urn:x'/>", "<a xmlns='urn:x '/>", XmlNamespace),
        ("<a xmlns='urn:x;y'/>", "<a xmlns='urn:x&amp;y'/>", XmlNamespace),
        ("<a xmlns='urn:x'/>", "<a xmlns='urn:x&#10;'/>", XmlNamespace),
        (
            "<a xmlns='http://www.w3.org/2000/09/xmldsig#'/>",
            "<a xmlns='http://www.w3.org/2000/09/xmldsig#\u{80}'/>",
            XmlNamespace,
        ),
    ]);
}

#[test]
fn xml_too_large() {
    let nested = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
    let elements = |n: usize| format!("<a>{}</a>", "<b/>".repeat(n - 1));
    let numbered = |n: usize, each: &dyn Fn(usize) -> String| (0..n).map(each).collect::<String>();
    let attributes = |n| format!("<a{}/>", numbered(n, &|i| format!(" a{i}=''")));
    let declarations = |n| format!("<a{}/>", numbered(n, &|i| format!(" xmlns:a{i}='urn:x'")));
    let in_scope = |last: usize| {
        let tag =
            |i: usize, n| format!("<a{}>", numbered(n, &|j| format!(" xmlns:a{i}-{j}='urn:x'")));
        format!("{}{}{}", numbered(4, &|i| tag(i, 15)), tag(9, last), "</a>".repeat(5))
    };
    let text = |n| format!("<a>{}</a>", "x".repeat(n));
    let split_text = |n| format!("<a>{}<b/>{}</a>", "x".repeat(n), "x".repeat(n));
    let value = |n| format!("<a b='{}'/>", "x".repeat(n));
    let namespace = |n: usize| format!("<a xmlns='urn:{}'/>", "x".repeat(n - 4));
    let bytes = |n: usize| format!("<a{}/>", " ".repeat(n - 4));
    let cases: &[(String, String)] = &[
        (nested(32), nested(33)),
        (elements(2_000), elements(2_001)),
        (attributes(32), attributes(33)),
        (declarations(16), declarations(17)),
        (in_scope(4), in_scope(5)),
        (text(64 * 1024), text(64 * 1024 + 1)),
        (split_text(32 * 1024), split_text(32 * 1024 + 1)),
        (value(64 * 1024), value(64 * 1024 + 1)),
        (namespace(1_024), namespace(1_025)),
        (bytes(192 * 1024), bytes(192 * 1024 + 1)),
    ];
    for (good, bad) in cases {
        let shown = &good[..good.len().min(60)];
        assert!(parse(good).is_ok(), "{shown}: {:?}", parse(good).err());
        assert_eq!(parse(bad).err(), Some(XmlTooLarge), "{shown}");
    }
}

#[test]
fn declarations_end_with_their_element() {
    let siblings = "<b xmlns:x='urn:x' xmlns:y='urn:y'/>".repeat(100);
    assert!(parse(&format!("<a>{siblings}</a>")).is_ok());
}
