//! What the tree tells of a document.

use super::parse;
use vestibule::refusals::Refusal::XmlContent;
use vestibule::xml::write;

#[test]
fn xml_content() {
    let xml = "<a><b>text</b><c>te<d/>xt</c><e> <d/> </e><f/></a>";
    let document = parse(xml).unwrap();
    let [b, c, e, f] = document.root().children().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(b.text(), Ok("text"));
    assert_eq!(f.text(), Ok(""));
    assert_eq!(c.text(), Err(XmlContent));
    assert_eq!(e.text(), Err(XmlContent));
    assert_eq!(b.only_elements(), Err(XmlContent));
    assert_eq!(c.only_elements(), Err(XmlContent));
    assert_eq!(e.only_elements(), Ok(()));
    assert_eq!(f.only_elements(), Ok(()));
}

#[test]
fn values_come_back_whole_and_normalised() {
    let cases = [
        ("a&amp;b@x", "a&b@x"),
        ("&#97;&lt;b&gt;", "a<b>"),
        ("a\r\nb\rc\r\r\nd\n", "a\nb\nc\n\nd\n"),
        ("a&#13;\nb&#xD;", "a\r\nb\r"),
        (" \t ", " \t "),
        ("\u{1F600}&#x1F600;e\u{301}", "\u{1F600}\u{1F600}e\u{301}"),
    ];
    for (raw, read) in cases {
        let xml = format!("<a>{raw}</a>");
        assert_eq!(parse(&xml).unwrap().root().text(), Ok(read));
        assert_eq!(roxmltree::Document::parse(&xml).unwrap().root_element().text(), Some(read));
    }
    let cases = [
        ("a\r\nb\rc\nd\te  f", "a b c d e  f"),
        ("&#13;&#10;&#9;&#32;", "\r\n\t "),
        ("&quot;&apos;\"&lt;>&amp;amp;", "\"'\"<>&amp;"),
    ];
    for (raw, read) in cases {
        let xml = format!("<a b='{raw}'/>");
        assert_eq!(parse(&xml).unwrap().root().attribute("b"), Some(read));
        let other = roxmltree::Document::parse(&xml).unwrap();
        assert_eq!(other.root_element().attribute("b"), Some(read));
    }
}

#[test]
fn the_tree_is_found_by_namespace_and_identity() {
    let xml = "<p:a xmlns:p='urn:p' xmlns='urn:d' p:x='1' x='2' xml:lang='en'>\
               <b xmlns=''><p:c/></b><b/></p:a>";
    let document = parse(xml).unwrap();
    let root = document.root();
    assert!(root.is("urn:p", "a") && !root.is("urn:d", "a") && !root.is("", "a"));
    assert_eq!(root.attribute("x"), Some("2"));
    assert_eq!(root.attribute("lang"), None);
    let attributes: Vec<_> = root.attributes().map(|a| (a.namespace, a.local, a.value)).collect();
    let xml_namespace = "http://www.w3.org/XML/1998/namespace";
    assert_eq!(attributes, [("urn:p", "x", "1"), ("", "x", "2"), (xml_namespace, "lang", "en")]);
    let all: Vec<_> = root.descendants().map(|n| (n.namespace(), n.local())).collect();
    assert_eq!(all, [("urn:p", "a"), ("", "b"), ("urn:p", "c"), ("urn:d", "b")]);
    let [first, second] = root.children().collect::<Vec<_>>().try_into().unwrap();
    assert_ne!(first, second);
    assert_eq!(first.descendants().count(), 2);
    assert_eq!(first.children().next().and_then(|c| c.parent()), Some(first));
    assert_eq!(root.parent(), None);
    assert_ne!(parse(xml).unwrap().root(), root);
}

#[test]
fn what_is_written_reads_back_equal() {
    let hard = "a<b>&\"'\t\r\n]]>&amp;\u{1F600}";
    let xml =
        format!("<a b=\"{}\">{}</a>", write::escape_attribute(hard), write::escape_text(hard));
    let document = parse(&xml).unwrap();
    assert_eq!(document.root().attribute("b"), Some(hard));
    assert_eq!(document.root().text(), Ok(hard));
    assert_eq!(write::escape_text("a\0b\u{FFFF}"), "a\u{FFFD}b\u{FFFD}");
}
