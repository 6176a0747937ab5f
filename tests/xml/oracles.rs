//! Other implementations agree: roxmltree reads what we read, and libxml2 (golden files) and
//! bergshamra write the same canonical bytes.

use super::generator::{Generator, LISTS};
use super::parse;
use bergshamra_c14n::{C14nMode, canonicalize_doc};
use bergshamra_xml::NodeSet;
use vestibule::xml::Node;
use vestibule::xml::c14n::{canonicalize, canonicalize_inclusive};

#[test]
fn bergshamra_writes_the_same_canonical_bytes() {
    for seed in 0..3_000 {
        let mut generator = Generator::new(seed);
        let xml = generator.document();
        let document = parse(&xml).unwrap_or_else(|refusal| panic!("{seed}: {refusal}: {xml}"));
        let elements: Vec<Node> = document.root().descendants().collect();
        // Its parser keeps literal white space in values, against XML 1.0, 3.3.3.
        let normalised = xml.replace("a\tb", "a b").replace("a\r\nb\rc\nd", "a b c d");
        let other = uppsala::parse(&normalised).unwrap();
        let of_other = other.descendants(other.document_element().unwrap());
        let of_other: Vec<_> = [other.document_element().unwrap()]
            .into_iter()
            .chain(of_other)
            .filter(|id| other.element(*id).is_some())
            .collect();
        let place = generator.below(elements.len());
        let prefixes = generator.pick(&LISTS);
        let set = NodeSet::tree_without_comments(of_other[place], &other);
        let theirs = canonicalize_doc(&other, C14nMode::Exclusive, Some(&set), prefixes).unwrap();
        let ours = canonicalize(elements[place], None, prefixes).unwrap();
        let (ours, theirs) = (String::from_utf8(ours), String::from_utf8(theirs));
        assert_eq!(ours, theirs, "{seed}, element {place} with {prefixes:?} of {xml}");
    }
}

#[test]
fn bergshamra_writes_the_same_inclusive_bytes() {
    let mut compared = 0;
    for seed in 0..3_000 {
        let mut generator = Generator::new(seed);
        let xml = generator.document();
        let document = parse(&xml).unwrap();
        let normalised = xml.replace("a\tb", "a b").replace("a\r\nb\rc\nd", "a b c d");
        let other = uppsala::parse(&normalised).unwrap();
        let root = other.document_element().unwrap();
        let of_other = [root].into_iter().chain(other.descendants(root));
        let of_other: Vec<_> = of_other.filter(|id| other.element(*id).is_some()).collect();
        let place = generator.below(of_other.len());
        let set = NodeSet::tree_without_comments(of_other[place], &other);
        let theirs = canonicalize_doc(&other, C14nMode::Inclusive, Some(&set), &[""; 0]).unwrap();
        // Refused where an attribute such as xml:lang would have to be taken over from outside.
        let apex = document.root().descendants().nth(place).unwrap();
        let Ok(ours) = canonicalize_inclusive(apex, None) else { continue };
        compared += 1;
        let (ours, theirs) = (String::from_utf8(ours), String::from_utf8(theirs));
        assert_eq!(ours, theirs, "{seed}, element {place} of {xml}");
    }
    assert!(compared > 1_000, "only {compared}");
}

#[test]
fn libxml2_writes_the_same_canonical_bytes() {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/c14n.json");
    let golden = std::fs::read_to_string(golden).unwrap();
    let golden: serde_json::Value = serde_json::from_str(&golden).unwrap();
    let golden = golden.as_array().unwrap();
    assert!(golden.len() >= 150);
    for case in golden {
        let xml = case["xml"].as_str().unwrap();
        let document = parse(xml).unwrap();
        let nth = |name: &str| {
            let place = case[name].as_u64()?;
            document.root().descendants().nth(place as usize)
        };
        let prefixes: Vec<_> =
            case["prefixes"].as_array().unwrap().iter().filter_map(|p| p.as_str()).collect();
        let ours = canonicalize(nth("apex").unwrap(), nth("without"), &prefixes).unwrap();
        assert_eq!(String::from_utf8(ours).ok().as_deref(), case["canonical"].as_str(), "{case}");
    }
}

/// A document, the place of an element in it, and a PrefixList.
fn choice(seed: u64) -> (String, usize, &'static [&'static str]) {
    let mut generator = Generator::new(seed);
    let xml = generator.document();
    let place = generator.below(parse(&xml).unwrap().root().descendants().count());
    (xml, place, generator.pick(&LISTS))
}

const LIBXML2: std::ops::Range<u64> = 100_000..103_000;

/// For tests/golden/digests.py, which asks libxml2.
#[test]
#[ignore = "writes a file"]
fn write_documents() {
    let lines = LIBXML2.map(|seed| {
        let (xml, place, prefixes) = choice(seed);
        serde_json::json!({ "xml": xml, "apex": place, "prefixes": prefixes }).to_string() + "\n"
    });
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/c14n-documents.jsonl");
    std::fs::write(file, lines.collect::<String>()).unwrap();
    println!("{file}");
}

#[test]
fn libxml2_digests_the_same_canonical_bytes_of_thousands() {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/c14n.sha256");
    let golden = std::fs::read_to_string(golden).unwrap();
    assert_eq!(golden.lines().count(), LIBXML2.count());
    for (seed, theirs) in LIBXML2.zip(golden.lines()) {
        let (xml, place, prefixes) = choice(seed);
        let document = parse(&xml).unwrap();
        let apex = document.root().descendants().nth(place).unwrap();
        let ours = canonicalize(apex, None, prefixes).unwrap();
        let digest = ring::digest::digest(&ring::digest::SHA256, &ours);
        let hex: String =
            digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, theirs, "{seed}, element {place} with {prefixes:?} of {xml}");
    }
}

#[test]
fn roxmltree_reads_the_same_tree_and_canonical_form_is_stable() {
    for seed in 0..3_000 {
        let xml = Generator::new(seed).document();
        let document = parse(&xml).unwrap();
        let other = roxmltree::Document::parse(&xml).unwrap();
        let ours = document.root().descendants();
        let theirs = other.descendants().filter(|node| node.is_element());
        for (our, their) in ours.zip(theirs) {
            assert_eq!(our.local(), their.tag_name().name());
            assert_eq!(our.namespace(), their.tag_name().namespace().unwrap_or(""), "{xml}");
            let theirs =
                their.attributes().map(|a| (a.namespace().unwrap_or(""), a.name(), a.value()));
            let ours = our.attributes().map(|a| (a.namespace, a.local, a.value));
            assert_eq!(ours.collect::<Vec<_>>(), theirs.collect::<Vec<_>>());
            if let Ok(text) = our.text() {
                assert_eq!(text, their.text().unwrap_or(""));
            }
        }
        let once = canonicalize(document.root(), None, &[]).unwrap();
        let again = parse(std::str::from_utf8(&once).unwrap()).unwrap();
        assert_eq!(canonicalize(again.root(), None, &[]).unwrap(), once);
    }
}

/// Changes a byte here and there: what we still read, roxmltree reads too.
#[test]
fn roxmltree_reads_whatever_we_read() {
    const BYTES: &[u8] = b"<>/='\"&;#x!?-[]: \t\r\nabA1\0\x7F\xC2\x80\xEF\xBB\xBF";
    let mut read = 0;
    for seed in 0..10_000 {
        let mut generator = Generator::new(seed);
        let mut bytes = generator.document().into_bytes();
        bytes.truncate(2_000);
        for _ in 0..=generator.below(3) {
            let at = generator.below(bytes.len());
            match generator.below(3) {
                0 => bytes[at] = generator.pick(BYTES),
                1 => bytes.insert(at, generator.pick(BYTES)),
                _ if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => {}
            }
        }
        let Ok(xml) = std::str::from_utf8(&bytes) else { continue };
        if let Ok(document) = parse(xml) {
            read += 1;
            assert!(roxmltree::Document::parse(xml).is_ok(), "{seed}: {xml}");
            let once = canonicalize(document.root(), None, &[]).unwrap();
            assert!(roxmltree::Document::parse(std::str::from_utf8(&once).unwrap()).is_ok());
        }
    }
    assert!(read > 500, "only {read}");
}
