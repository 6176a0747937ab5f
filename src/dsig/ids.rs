//! IDs are unique over all their spellings (SEC-12), so that it never matters who looks one up.

use crate::refusals::Refusal;
use crate::xml::{Attribute, Document, is_ncname};
use std::collections::BTreeSet;

const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// That no two elements have the same ID, and that every ID is a plain one.
pub fn unique_ids(document: &Document) -> Result<(), Refusal> {
    unique_ids_across(&[document])
}

/// The same over several documents that are read as one (SEC-32).
pub fn unique_ids_across(documents: &[&Document]) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for element in documents.iter().flat_map(|document| document.root().descendants()) {
        for attribute in element.attributes().filter(names_id) {
            let plain = matches!(
                (attribute.namespace, attribute.local),
                ("", "ID" | "Id" | "id" | "AssertionID") | (XML, "id")
            );
            if !plain || !is_ncname(attribute.value) {
                return Err(Refusal::IdMalformed);
            }
            if !seen.insert(attribute.value) {
                return Err(Refusal::IdDuplicate);
            }
        }
    }
    Ok(())
}

/// Whether any parser could take it for an ID.
fn names_id(attribute: &Attribute<'_>) -> bool {
    attribute.local.eq_ignore_ascii_case("id")
        || attribute.local.eq_ignore_ascii_case("AssertionID")
}
