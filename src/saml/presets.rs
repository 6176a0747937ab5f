//! Well-known identity providers: the names of their attributes, the words of their forms and their
//! traps, for `vestibule idp`. Nothing looks a preset up afterwards: the document says all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::idp::{AttributeNames, NAME_ID};

/// An identity provider set up as its page in docs/idp says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// What its maker calls it.
    pub name: String,
    /// Hosts of its sign-on addresses; one that begins with a dot stands for all below it.
    pub sign_on_hosts: Vec<String>,
    /// What it sends.
    pub attributes: AttributeNames,
    /// Where its form is.
    pub open: String,
    /// What goes into the form.
    pub form: Vec<Field>,
    /// Where its metadata is had.
    pub export: String,
    /// What goes wrong with it and is not seen at once.
    pub traps: Vec<String>,
}

/// A field of an identity provider's form, under the name that it has there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name.
    pub field: String,
    /// What goes in. `{acs}` and the like stand for what [`Filling`] knows.
    pub value: String,
}

/// What takes the place of the words in braces.
pub struct Filling<'a> {
    /// Scheme, host and port of the application.
    pub base: &'a str,
    /// The names that its attributes go by.
    pub attributes: &'a AttributeNames,
}

impl Filling<'_> {
    /// The text with all places filled.
    pub fn fill(&self, text: &str) -> String {
        let base = self.base;
        let acs = format!("{base}/.access/acs");
        let first = |names: &[String]| {
            names
                .iter()
                .find(|name| *name != NAME_ID)
                .or(names.first())
                .cloned()
                .unwrap_or_default()
        };
        text.replace("{acs_pattern}", &acs.replace('.', "\\."))
            .replace("{acs}", &acs)
            .replace("{entity_id}", &format!("{base}/.access/metadata"))
            .replace("{base}", base)
            .replace("{email}", &first(&self.attributes.email))
            .replace("{groups}", &first(&self.attributes.groups))
    }

    /// The form with all places filled.
    pub fn form(&self, preset: &Preset) -> Vec<Field> {
        let fill =
            |one: &Field| Field { field: self.fill(&one.field), value: self.fill(&one.value) };
        preset.form.iter().map(fill).collect()
    }
}

impl Preset {
    /// Whether an identity provider with this sign-on host is likely this one.
    pub fn is_at(&self, host: &str) -> bool {
        self.sign_on_hosts
            .iter()
            .any(|known| if known.starts_with('.') { host.ends_with(known) } else { host == known })
    }
}

const FILES: [(&str, &str); 12] = [
    ("adfs", include_str!("presets/adfs.json")),
    ("auth0", include_str!("presets/auth0.json")),
    ("entra", include_str!("presets/entra.json")),
    ("google", include_str!("presets/google.json")),
    ("jumpcloud", include_str!("presets/jumpcloud.json")),
    ("keycloak", include_str!("presets/keycloak.json")),
    ("okta", include_str!("presets/okta.json")),
    ("onelogin", include_str!("presets/onelogin.json")),
    ("pingfederate", include_str!("presets/pingfederate.json")),
    ("pingone", include_str!("presets/pingone.json")),
    ("shibboleth", include_str!("presets/shibboleth.json")),
    ("simplesamlphp", include_str!("presets/simplesamlphp.json")),
];

/// Every preset, by its name on the command line.
pub fn presets() -> BTreeMap<&'static str, Preset> {
    let read = |(name, text): (&'static str, &str)| Some((name, serde_json::from_str(text).ok()?));
    FILES.into_iter().filter_map(read).collect()
}
