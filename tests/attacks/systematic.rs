//! Everything that there is, changed in every way: after signing, as an attacker can, for every
//! style; and before signing, as only a careless identity provider or a stolen key can.

use vestibule::refusals::Refusal::*;

use super::markup::{Element, attributes, elements, inserted, replaced, texts};
use super::shapes::{Shape, all, plain};
use super::support::response::Signed;
use super::tally::Tally;

/// Of every style the shape that signs both, and of the plain style all three.
fn shapes() -> impl Iterator<Item = &'static Shape> {
    let both = |shape: &&Shape| shape.what == Signed::Both;
    plain().iter().chain(all()[plain().len()..].iter().filter(both))
}

/// Each change after signing, and for the plain style the same before signing.
fn changes(tally: &mut Tally, derive: impl Fn(&str) -> Vec<(String, String)>) {
    for shape in shapes() {
        tally.accept(&shape.name, &shape.good, shape);
        for (name, xml) in derive(&shape.good) {
            tally.refuse_or_same(format!("{}: {name}", shape.name), &xml, shape);
        }
    }
    for shape in plain() {
        for (name, xml) in derive(&shape.unsigned) {
            // What can't be signed any more is not worth a try.
            if let Some(xml) = shape.try_sign(&xml) {
                tally.refuse_or_less(format!("{}, before: {name}", shape.name), &xml, shape);
            }
        }
    }
}

pub fn elements_left_out(tally: &mut Tally) {
    changes(tally, |xml| {
        let mut found = Vec::new();
        for element in &elements(xml)[1..] {
            let local = &element.local;
            found.push((format!("without {local}"), replaced(xml, element.whole.clone(), "")));
            if let Some(inside) = &element.inside {
                let unwrapped = replaced(xml, element.whole.clone(), &xml[inside.clone()]);
                found.push((format!("without the tags of {local}"), unwrapped));
                found.push((format!("{local} emptied"), replaced(xml, inside.clone(), "")));
            }
        }
        found
    });
}

pub fn elements_repeated(tally: &mut Tally) {
    changes(tally, |xml| {
        let mut found = Vec::new();
        for element in &elements(xml)[1..] {
            let (local, whole) = (&element.local, &xml[element.whole.clone()]);
            let fresh = whole.replace("ID=\"_", "ID=\"_copy_");
            let other = fresh.replace("alice@", "mallory@").replace(">HR<", ">Root<");
            for (kind, copy) in [("copied", whole), ("with a fresh ID", &fresh), ("forged", &other)]
            {
                let before = inserted(xml, element.whole.start, copy);
                let after = inserted(xml, element.whole.end, copy);
                found.push((format!("{local} {kind} before"), before));
                found.push((format!("{local} {kind} after"), after));
            }
            if element.inside.is_some() {
                let start = element.inside.clone().unwrap().start;
                found.push((format!("{local} in itself"), inserted(xml, start, &fresh)));
            }
        }
        found.retain(|(name, xml)| !forged_before_signing(name, xml));
        found
    });
}

/// Signing another person's name says nothing of us.
fn forged_before_signing(name: &str, xml: &str) -> bool {
    name.contains("forged") && !xml.contains("SignatureValue")
}

/// To before every element, and to the end of every element. The places are many: of each style only
/// the one that signs both.
pub fn elements_moved(tally: &mut Tally) {
    for shape in all().iter().filter(|shape| shape.what == Signed::Both) {
        tally.accept(&shape.name, &shape.good, shape);
        for element in &elements(&shape.good)[1..] {
            for (name, xml) in moves(&shape.good, element) {
                tally.refuse_or_same(format!("{}: {name}", shape.name), &xml, shape);
            }
        }
    }
    let shape = &plain()[0];
    for element in &elements(&shape.unsigned)[1..] {
        for (name, xml) in moves(&shape.unsigned, element) {
            if let Some(xml) = shape.try_sign(&xml) {
                tally.refuse_or_less(format!("before signing: {name}"), &xml, shape);
            }
        }
    }
}

/// A signature belongs right behind the Issuer of what it signs, and is good nowhere else, although
/// it is no part of what is digested (SEC-13).
pub fn signatures_moved(tally: &mut Tally) {
    for shape in all() {
        tally.accept(&shape.name, &shape.good, shape);
        let all = elements(&shape.good);
        for signature in all.iter().filter(|element| element.local == "Signature") {
            for (name, xml) in moves(&shape.good, signature) {
                // Misplaced, twice in one element, in the place of the other element's signature, or
                // first seen as what has no place there.
                let expected = [
                    SignatureMisplaced,
                    SignatureTwice,
                    SignatureShape,
                    SignatureReference,
                    SamlUnexpected,
                    XmlContent,
                    XmlNamespace,
                ];
                tally.refuse_any(format!("{}: {name}", shape.name), &xml, &expected);
            }
        }
    }
}

/// The document with one element in every other place.
fn moves(xml: &str, element: &Element) -> Vec<(String, String)> {
    let all = elements(xml);
    let before = all[1..].iter().map(|place| (place.whole.start, "before", &place.local));
    let ends = all.iter().filter_map(|place| {
        place.inside.clone().map(|inside| (inside.end, "to the end of", &place.local))
    });
    let (whole, local) = (element.whole.clone(), &element.local);
    let without = replaced(xml, whole.clone(), "");
    let mut found = Vec::new();
    for (at, how, place) in before.chain(ends) {
        // White space between does not make it another place.
        let between = if at < whole.start { at..whole.start } else { whole.end.min(at)..at };
        if xml[between].trim().is_empty() || (whole.start..whole.end).contains(&at) {
            continue;
        }
        let at = if at > whole.start { at - whole.len() } else { at };
        let moved = inserted(&without, at, &xml[whole.clone()]);
        found.push((format!("{local} {how} {place}"), moved));
    }
    found
}

pub fn attributes_changed(tally: &mut Tally) {
    const VALUES: [&str; 6] =
        ["", "x", "urn:oasis:names:tc:SAML:2.0:status:Success", "_request", "#_assertion", "2.0"];
    changes(tally, |xml| {
        let mut found = Vec::new();
        for attribute in attributes(xml) {
            let (name, value) = (&attribute.name, &xml[attribute.value.clone()]);
            let mut put = |what: &str, by: &str| {
                let changed = replaced(xml, attribute.whole.clone(), by);
                found.push((format!("{name}={value} {what}"), changed));
            };
            put("left out", "");
            put("twice", &format!(" {name}=\"{value}\" {name}=\"{value}\""));
            put("in a namespace", &format!(" samlp:{name}=\"{value}\""));
            put("also in a namespace", &format!(" {name}=\"{value}\" samlp:{name}=\"x\""));
            put("in another case", &format!(" {}=\"{value}\"", name.to_uppercase()));
            put(
                "also in another case",
                &format!(" {name}=\"{value}\" {}=\"x\"", name.to_lowercase()),
            );
            for longer in [
                format!("{value} "),
                format!(" {value}"),
                format!("{value}x"),
                format!("{value}&#0;"),
                format!("{value}&#10;"),
            ] {
                put("longer", &format!(" {name}=\"{longer}\""));
            }
            for other in VALUES.iter().filter(|other| **other != value) {
                put(other, &format!(" {name}=\"{other}\""));
            }
        }
        found
    });
}

/// At the start, in the middle and at the end, by what some reader leaves out, stops at, or turns
/// into something else.
pub fn text_cut(tally: &mut Tally) {
    const CUTS: [&str; 12] = [
        "<!---->",
        "<!-- x -->",
        "<![CDATA[]]>",
        "<![CDATA[x]]>",
        "<?x?>",
        "<?xml version=\"1.0\"?>",
        "&x;",
        "&#0;",
        "&#xD800;",
        "&lt;!-- -->",
        "<x/>",
        "\u{200B}",
    ];
    changes(tally, |xml| {
        let mut found = Vec::new();
        for text in texts(xml) {
            let middle = text.start + text.len() / 2;
            for at in [text.start, middle, text.end] {
                for cut in CUTS {
                    let name = format!("{cut} in {}", &xml[text.clone()]);
                    // Written out, a cut changes what is said: nothing to try before signing.
                    if cut.starts_with("&lt;") && !xml.contains("SignatureValue") {
                        continue;
                    }
                    found.push((name, inserted(xml, at, cut)));
                }
            }
        }
        found
    });
}

/// The values of two attributes or two texts exchanged.
pub fn values_exchanged(tally: &mut Tally) {
    for shape in plain() {
        let xml = &shape.good;
        tally.accept(&shape.name, xml, shape);
        let values = attributes(xml).into_iter().map(|attribute| attribute.value);
        exchange(tally, shape, &values.collect::<Vec<_>>());
        exchange(tally, shape, &texts(xml));
    }
}

fn exchange(tally: &mut Tally, shape: &Shape, parts: &[std::ops::Range<usize>]) {
    let xml = &shape.good;
    for (n, one) in parts.iter().enumerate() {
        for two in &parts[n + 1..] {
            let (first, second) = (&xml[one.clone()], &xml[two.clone()]);
            if first != second {
                let changed = replaced(&replaced(xml, two.clone(), first), one.clone(), second);
                let name = format!("{}: {first} and {second} exchanged", shape.name);
                tally.refuse_or_same(name, &changed, shape);
            }
        }
    }
}
