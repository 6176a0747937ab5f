//! The attribute names of well-known identity providers, for `vestibule idp add` to write into a
//! document. Nothing looks a preset up afterwards: the document says all.

use std::collections::BTreeMap;

use super::idp::AttributeNames;

/// Every preset, by its name on the command line: what each identity provider sends when it is set
/// up as docs/identity-providers.md says.
pub fn presets() -> BTreeMap<String, AttributeNames> {
    serde_json::from_str(include_str!("presets.json")).unwrap_or_default()
}
