//! Who is asking: the signed-in person, as the identity provider described them.

use std::collections::BTreeMap;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use crate::limits;
use crate::refusals::Refusal;

/// Seconds since 1970-01-01T00:00:00Z.
pub type UnixTime = i64;

/// What the names of services begin with in logs and headers. No NameID may begin so, in any case.
pub const SERVICE: &str = "service/";

/// What is known of a person, each fact as it was at `signed_in_at`.
///
/// Facts prove nothing by themselves: the command line makes them up to explain a policy. Only a
/// [`Subject`] opens anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Id of the identity provider, the `<id>` of `idp/<id>`.
    pub idp: String,
    /// Value of the NameID, byte for byte.
    pub name_id: String,
    /// Format of the NameID, where the identity provider said one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_id_format: Option<String>,
    /// The mail address, where an attribute or the NameID gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Names of the groups, opaque and case-sensitive (SEC-31).
    #[serde(default)]
    pub groups: Vec<String>,
    /// Other attributes that the provider's document names, by our name for them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Vec<String>>,
    /// How they signed in: AuthnContextClassRef (SAML core 2.7.2.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authn_context: Option<String>,
    /// When they signed in at the identity provider: AuthnInstant (SAML core 2.7.2).
    pub signed_in_at: UnixTime,
    /// Session at the identity provider, for single logout (SAML core 2.7.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_index: Option<String>,
}

impl Facts {
    /// What people and logs call this person: the mail address, or else the NameID.
    pub fn shown(&self) -> &str {
        self.email.as_ref().map_or(&self.name_id, Email::as_str)
    }
}

/// What of a caller a header tells the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The NameID, or `service/<id>`.
    Subject,
    /// The mail address.
    Email,
    /// The groups, with commas between them.
    Groups,
    /// The signed assertion.
    Jwt,
    /// The values of this attribute, with commas between them.
    Attribute(String),
}

/// A header that tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldHeader {
    /// Its name, in lower case.
    pub name: String,
    /// What it tells.
    pub told: Told,
}

/// The signed-in person. Made only from a verified assertion or an opened session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject(Facts);

impl Subject {
    pub(crate) fn proven(facts: Facts) -> Self {
        Subject(facts)
    }
}

impl Deref for Subject {
    type Target = Facts;
    fn deref(&self) -> &Facts {
        &self.0
    }
}

/// A mail address with exactly one `@`, in lower case: `A@Example.com` is `a@example.com`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// Reads an address. Refuses all but visible ASCII with one `@` and something on both sides,
    /// so that `a@evil.example@good.example` can't pass for either domain.
    pub fn parse(value: &str) -> Result<Self, Refusal> {
        let refused = Err(Refusal::EmailMalformed);
        let Some((local, domain)) = value.split_once('@') else { return refused };
        let visible = value.bytes().all(|b| b.is_ascii_graphic() && !b",;<>\"()\\".contains(&b));
        if local.is_empty() || domain.is_empty() || domain.contains('@') || !visible {
            return refused;
        }
        if value.len() > limits::NAME_ID {
            return refused;
        }
        Ok(Email(value.to_ascii_lowercase()))
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

impl TryFrom<String> for Email {
    type Error = Refusal;
    fn try_from(value: String) -> Result<Self, Refusal> {
        Email::parse(&value)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> String {
        email.0
    }
}

/// Refuses text that deceives the eye or a header: control characters, line and paragraph
/// separators, and what is not seen at all (SEC-30). The last is Unicode's property
/// Default_Ignorable_Code_Point: bidirectional controls, zero-width characters, fillers, variation
/// selectors, tags.
pub fn plain_text(value: &str) -> Result<&str, Refusal> {
    let deceives = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FFF9}'..='\u{FFFB}')
            || matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}')
            || matches!(c, '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}')
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}')
            || matches!(c, '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}')
            || matches!(c, '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}')
            || matches!(c, '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}')
            || matches!(c, '\u{E0000}'..='\u{E0FFF}')
    };
    if value.chars().any(deceives) { Err(Refusal::TextDeceives) } else { Ok(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_malformed() {
        for bad in ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\n", "ä@b", "\"a\"@b", "a@b,c@d"] {
            assert_eq!(Email::parse(bad), Err(Refusal::EmailMalformed), "{bad:?}");
        }
        let email = Email::parse("Carol@Example.COM").unwrap();
        assert_eq!((email.as_str(), email.domain()), ("carol@example.com", "example.com"));
    }

    #[test]
    fn text_deceives() {
        for bad in [
            "a\u{202E}b",
            "a\u{200B}",
            "\u{FEFF}a",
            "a\nb",
            "a\u{0}",
            "a\u{85}",
            "a\u{2028}b",
            "a\u{2066}",
            "HR\u{3164}",
            "HR\u{FE0F}",
            "HR\u{E0041}",
        ] {
            assert_eq!(plain_text(bad), Err(Refusal::TextDeceives), "{bad:?}");
        }
        assert_eq!(plain_text("Personál 部門"), Ok("Personál 部門"));
    }
}
