//! Names that two readers might resolve in two ways (A5 to A7).

use vestibule::refusals::Refusal::{self, *};

use super::markup::{attributes, changed, elements, inserted, replaced};
use super::shapes::{all, plain};
use super::tally::Tally;

const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";

/// Attributes that some reader takes for another because it ignores the prefix (CVE-2025-66567).
pub fn a05_attributes_with_prefixes(tally: &mut Tally) {
    for shape in all() {
        let good = &shape.good;
        tally.accept(&shape.name, good, shape);
        for element in elements(good) {
            let tag = &good[element.whole.start..];
            let at = element.whole.start + tag.find(['>', ' ', '/']).unwrap();
            let cases: &[(&str, Refusal)] = &[
                (" samlp:ID=\"_x\"", IdMalformed),
                (" saml:Id=\"_x\"", IdMalformed),
                (" xmlns:x=\"urn:x\" x:iD=\"_assertion\"", IdMalformed),
                (" xmlns:x=\"urn:x\" x:AssertionID=\"_assertion\"", IdMalformed),
                (" iD=\"_x\"", IdMalformed),
                (" xmlns:x=\"urn:x\" xmlns:y=\"urn:x\" x:z=\"1\" y:z=\"2\"", XmlDuplicateAttribute),
                (" xmlns:x=\"urn:x\" xmlns:x=\"urn:x\"", XmlDuplicateAttribute),
                (" x:y=\"1\"", XmlNamespace),
                (" :x=\"1\"", XmlMalformed),
                (" x:=\"1\"", XmlMalformed),
                (" x:y:z=\"1\"", XmlMalformed),
                (" x=\"1\"y=\"2\"", XmlMalformed),
                (" x=1", XmlMalformed),
                (" x", XmlMalformed),
                (" x=\"<\"", XmlMalformed),
            ];
            for (more, refusal) in cases {
                let name = format!("{}: {more} on {}", shape.name, element.local);
                tally.refuse(name, &inserted(good, at, more), *refusal);
            }
        }
    }
    // Validly signed by a careless identity provider, a prefix still makes it another attribute.
    for shape in plain() {
        for attribute in attributes(&shape.unsigned) {
            let (name, value) = (&attribute.name, &shape.unsigned[attribute.value.clone()]);
            if name.contains(':') || name == "ID" || name == "Format" {
                continue;
            }
            let prefixed = format!(" saml:{name}=\"{value}\"");
            let xml = shape.sign(&replaced(&shape.unsigned, attribute.whole.clone(), &prefixed));
            let known = [SamlUnexpected, SamlMissing, ConfirmationMissing];
            if name != "SessionIndex" && value != "memberOf" {
                // The first that misses it says so.
                tally.refuse_any(format!("{}: saml:{name}", shape.name), &xml, &known);
            }
        }
    }
}

/// Elements that have the right name in the wrong namespace, or in one that is hard to say.
pub fn a06_other_namespaces(tally: &mut Tally) {
    for shape in all() {
        let good = &shape.good;
        tally.accept(&shape.name, good, shape);
        for declaration in attributes(good).iter().filter(|a| a.name.starts_with("xmlns")) {
            let (name, value) = (&declaration.name, &good[declaration.value.clone()]);
            let cases: &[(String, Refusal)] = &[
                (format!("{value}\u{80}"), XmlNamespace),
                (format!("{value} "), XmlNamespace),
                (format!(" {value}"), XmlNamespace),
                (format!("{value}&#10;"), XmlNamespace),
                ("relative".to_owned(), XmlNamespace),
                ("../saml".to_owned(), XmlNamespace),
                ("1".to_owned(), XmlNamespace),
                ("http://www.w3.org/2000/xmlns/".to_owned(), XmlNamespace),
                ("http://www.w3.org/XML/1998/namespace".to_owned(), XmlNamespace),
            ];
            for (other, refusal) in cases {
                let xml = replaced(good, declaration.value.clone(), other);
                tally.refuse(format!("{}: {name}={other}", shape.name), &xml, *refusal);
            }
            // `xs` and `ec` name nothing that is read; whether they are signed depends on the shape.
            let upper = replaced(good, declaration.value.clone(), &value.to_uppercase());
            tally.refuse_or_same(format!("{}: upper case {name}", shape.name), &upper, shape);
        }
        for (more, refusal) in [
            (" xmlns:xml=\"urn:x\"", XmlNamespace),
            (" xmlns:xmlns=\"urn:x\"", XmlNamespace),
            (" xmlns:x=\"\"", XmlNamespace),
        ] {
            let xml = changed(good, "<samlp:Response", &format!("<samlp:Response{more}"));
            tally.refuse(format!("{}: {more}", shape.name), &xml, refusal);
        }
        let rebound = changed(good, "<samlp:Status>", "<samlp:Status xmlns:samlp=\"urn:x\">");
        tally.refuse(format!("{}: samlp means another", shape.name), &rebound, SamlUnexpected);
    }
    for shape in plain() {
        // The prefix is nothing, the namespace all.
        let renamed = shape.unsigned.replace("saml:", "x:").replace("xmlns:saml=", "xmlns:x=");
        tally.accept(format!("{}: other prefix", shape.name), &shape.sign(&renamed), shape);
        for element in &elements(&shape.unsigned)[1..] {
            let tag = shape.unsigned[element.whole.clone()]
                .split([' ', '>', '/'])
                .nth(usize::from(false));
            let prefix = tag.unwrap().trim_start_matches('<').split(':').next().unwrap();
            for other in ["urn:x", "urn:oasis:names:tc:SAML:1.0:assertion", vestibule::xml::DS] {
                // The element itself and all below that has its prefix.
                let local = &element.local;
                let declared = format!("<{prefix}:{local} xmlns:{prefix}=\"{other}\"");
                let at = element.whole.start;
                let end = at + 1 + prefix.len() + 1 + local.len();
                let xml = replaced(&shape.unsigned, at..end, &declared);
                let Some(xml) = shape.try_sign(&xml) else { continue };
                tally.refuse_or_less(format!("{}: {local} in {other}", shape.name), &xml, shape);
            }
        }
    }
    let odd = |name: &str| format!("{SAML}{name}");
    for shape in plain() {
        for (name, refusal) in [(odd("x"), SamlUnexpected), (odd("#"), SamlUnexpected)] {
            let xml = shape.sign(&shape.unsigned.replace(SAML, &name));
            // All of SAML is elsewhere, also where the count looks.
            tally.refuse_any(format!("{}: {name}", shape.name), &xml, &[refusal, AssertionCount]);
        }
    }
}

/// What makes a second reader see another document (CVE-2025-25291 and many before it).
pub fn a07_document_types(tally: &mut Tally) {
    for shape in all() {
        let good = &shape.good;
        for before in [
            "",
            "<?xml version=\"1.0\"?>",
            "\u{FEFF}",
            "\u{FEFF}<?xml version='1.0' encoding='utf-8'?>\n",
        ] {
            tally.accept(format!("{}: {before}", shape.name), &format!("{before}{good}"), shape);
        }
        let evil = good.replace("alice@", "mallory@");
        let cases: &[(String, Refusal)] = &[
            (format!("<!DOCTYPE r>{good}"), XmlDoctype),
            (format!("<!DOCTYPE r SYSTEM 'x\"><!--'>{good}"), XmlDoctype),
            (
                format!("<!DOCTYPE r SYSTEM 'x\"><!--'>{evil}<![CDATA[-->{good}<!--]]>-->"),
                XmlDoctype,
            ),
            (format!("<!DOCTYPE r [<!ATTLIST Assertion ID ID #IMPLIED>]>{good}"), XmlDoctype),
            (format!("<!DOCTYPE r [<!ENTITY e '{}'>]>{good}", "x"), XmlDoctype),
            (format!("{good}<!DOCTYPE r>"), XmlDoctype),
            (changed(good, "<samlp:Status>", "<!DOCTYPE r><samlp:Status>"), XmlDoctype),
            (
                changed(good, "<samlp:Status>", "<?xml version=\"1.0\"?><samlp:Status>"),
                XmlInstruction,
            ),
            (format!("<?xml-stylesheet href='x'?>{good}"), XmlInstruction),
            (format!(" <?xml version='1.0'?>{good}"), XmlInstruction),
            (format!("<?xml version='1.1'?>{good}"), XmlEncoding),
            (format!("<?xml version='1.0' encoding='UTF-7'?>{good}"), XmlEncoding),
            (format!("\u{FEFF}\u{FEFF}{good}"), XmlMalformed),
            (format!("{good}x"), XmlMalformed),
            (format!("x{good}"), XmlMalformed),
            (format!("{good}\0"), XmlMalformed),
            (format!("<!-- -->{good}"), XmlComment),
            (format!("{good}<![CDATA[]]>"), XmlCdata),
            (good.replace("</samlp:Response>", "</samlp:Response"), XmlMalformed),
            (good.replace("</samlp:Response>", ""), XmlMalformed),
            (good.replace("</samlp:Status>", "</samlp:status>"), XmlMalformed),
            (changed(good, "<samlp:Status>", "<samlp:Status>]]>"), XmlMalformed),
            (changed(good, "<samlp:Status>", "<::x/><samlp:Status>"), XmlMalformed),
            (changed(good, "<samlp:Status>", "<x:/><samlp:Status>"), XmlMalformed),
            (changed(good, "<samlp:Status>", "<samlp:Status>\u{1}"), XmlMalformed),
        ];
        for (n, (xml, refusal)) in cases.iter().enumerate() {
            tally.refuse(format!("{}: {n}", shape.name), xml, *refusal);
        }
    }
}
