//! What the identity provider's document makes of NameID and attributes.

use std::collections::{BTreeMap, BTreeSet};

use super::assertion::Assertion;
use super::idp::{AttributeNames, IdentityProvider, NAME_ID};
use crate::identity::{Email, Facts, Subject, plain_text};
use crate::limits;
use crate::refusals::Refusal;

/// What Entra ID sends in place of the groups of somebody who is in more than 150: an address to
/// ask them from. Without the groups a policy would decide about somebody else.
const GROUPS_ELSEWHERE: &str = "http://schemas.microsoft.com/claims/groups.link";

/// The person that a checked assertion speaks of.
pub(super) fn subject(assertion: Assertion, idp: &IdentityProvider) -> Result<Subject, Refusal> {
    let sent = Sent { assertion: &assertion, names: &idp.attributes };
    let email = sent.email()?;
    vouched_for(email.as_ref(), idp.email_domains.as_deref())?;
    let groups = sent.groups()?;
    let mut attributes = BTreeMap::new();
    for (ours, names) in &idp.attributes.others {
        let values = sent.values(names)?;
        if !values.is_empty() {
            attributes.insert(ours.clone(), values);
        }
    }
    Ok(Subject::proven(Facts {
        idp: idp.id.clone(),
        email,
        groups,
        attributes,
        name_id: assertion.name_id,
        name_id_format: assertion.name_id_format,
        authn_context: assertion.authn.context,
        signed_in_at: assertion.authn.instant,
        session_index: assertion.authn.session_index,
    }))
}

/// That the identity provider may vouch for this mail address (SEC-30).
fn vouched_for(email: Option<&Email>, domains: Option<&[String]>) -> Result<(), Refusal> {
    let (Some(email), Some(domains)) = (email, domains) else { return Ok(()) };
    if domains.iter().any(|domain| domain.eq_ignore_ascii_case(email.domain())) {
        Ok(())
    } else {
        Err(Refusal::EmailDomain)
    }
}

/// What was sent, and by which names to read it.
struct Sent<'a> {
    assertion: &'a Assertion,
    names: &'a AttributeNames,
}

impl<'a> Sent<'a> {
    /// The values sent under one name, cut where the document says so. Names are compared byte for
    /// byte, whatever their NameFormat (SEC-31).
    fn under(&self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let separator = self.names.separators.get(name).copied();
        // A name stands once: the reader has joined what was sent under it.
        let sent = self.assertion.attributes.iter().find(|(known, _)| known == name);
        sent.into_iter()
            .flat_map(|(_, values)| values)
            .flat_map(move |value| value.split(move |c| Some(c) == separator))
    }

    /// The values sent under any of these names.
    fn values(&self, names: &[String]) -> Result<Vec<String>, Refusal> {
        once(names.iter().flat_map(|name| self.under(name)), limits::ATTRIBUTE_VALUES)
    }

    fn groups(&self) -> Result<Vec<String>, Refusal> {
        let names = &self.names.groups;
        let elsewhere = || self.assertion.attributes.iter().any(|(n, _)| n == GROUPS_ELSEWHERE);
        if !names.is_empty() && elsewhere() {
            return Err(Refusal::GroupsElsewhere);
        }
        let sent = names.iter().flat_map(|name| self.under(name));
        let slash = if self.names.strip_slash { "/" } else { "" };
        once(sent.map(|group| group.strip_prefix(slash).unwrap_or(group)), limits::GROUPS)
    }

    fn email(&self) -> Result<Option<Email>, Refusal> {
        for name in &self.names.email {
            if name == NAME_ID {
                // Also where an attribute has that name. A NameID need not be an address; an
                // attribute that we were told is one must be.
                if let Ok(email) = Email::parse(&self.assertion.name_id) {
                    return Ok(Some(email));
                }
                continue;
            }
            match self.values(std::slice::from_ref(name))?.as_slice() {
                [] => {}
                [value] => return Email::parse(value).map(Some),
                _ => return Err(Refusal::EmailMalformed),
            }
        }
        Ok(None)
    }
}

/// Each value once, in order, in the case it was sent, and none that is empty. `most` may be sent:
/// cutting can make many of few.
fn once<'a>(sent: impl Iterator<Item = &'a str>, most: usize) -> Result<Vec<String>, Refusal> {
    let mut seen = BTreeSet::new();
    let mut values = Vec::new();
    for (count, value) in sent.filter(|value| !value.is_empty()).enumerate() {
        if count >= most {
            return Err(Refusal::AttributesTooMany);
        }
        if seen.insert(value) {
            values.push(plain_text(value)?.to_owned());
        }
    }
    Ok(values)
}
