//! What an application is told of a caller: as much as servers take in headers, and never less
//! without saying so.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::caller::Caller;
use crate::identity::Told;
use crate::limits;
use crate::policy::Policy;
use crate::refusals::Refusal;

/// Bytes that are encoded in a header of ours: all but these stand for something somewhere.
const STRICT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@').remove(b'+');

/// A value as a header of ours has it.
pub(crate) fn strict(value: &str) -> String {
    utf8_percent_encode(value, STRICT).to_string()
}

/// What is told, by headers and by the assertion alike.
#[derive(Debug)]
pub struct Statement<'a> {
    caller: Caller<'a>,
    groups: Vec<&'a str>,
    attributes: Vec<(&'a str, &'a [String])>,
    untold: usize,
}

impl<'a> Statement<'a> {
    /// What `policy` chooses to tell. Of more groups than fit, those that it names.
    pub fn new(caller: Caller<'a>, policy: &'a Policy) -> Result<Self, Refusal> {
        let Some(facts) = caller.facts() else {
            let (groups, attributes) = (Vec::new(), Vec::new());
            return Ok(Statement { caller, groups, attributes, untold: 0 });
        };
        let values = |name: &String| facts.attributes.get(name).map(Vec::as_slice);
        let chosen = policy.attributes().iter();
        let attributes: Vec<_> =
            chosen.filter_map(|name| Some((name.as_str(), values(name)?))).collect();
        let by_headers = policy.headers().iter().filter_map(|header| match &header.told {
            Told::Attribute(name) => values(name),
            _ => None,
        });
        let told = attributes.iter().map(|(_, values)| *values).chain(by_headers).flatten();
        if told.map(|value| length(value)).sum::<usize>() > limits::TOLD_ATTRIBUTES {
            return Err(Refusal::AttributesTooLarge);
        }

        let all = || facts.groups.iter().map(String::as_str);
        let groups: Vec<&str> = if all().map(length).sum::<usize>() <= limits::TOLD_GROUPS {
            all().collect()
        } else {
            let mut room = limits::TOLD_GROUPS;
            let fits = |group: &&str| match room.checked_sub(length(group)) {
                Some(rest) => {
                    room = rest;
                    true
                }
                None => false,
            };
            all().filter(|group| policy.names_group(group)).filter(fits).collect()
        };
        let untold = facts.groups.len().saturating_sub(groups.len());
        Ok(Statement { caller, groups, attributes, untold })
    }

    /// Who asks.
    pub fn caller(&self) -> Caller<'a> {
        self.caller
    }

    /// Their groups.
    pub fn groups(&self) -> &[&'a str] {
        &self.groups
    }

    /// The attributes of the assertion.
    pub fn attributes(&self) -> &[(&'a str, &'a [String])] {
        &self.attributes
    }

    /// How many groups of the session are left out, if any.
    pub fn untold(&self) -> Option<usize> {
        Some(self.untold).filter(|untold| *untold > 0)
    }

    /// Whether these are all groups of the person.
    pub fn has_all_groups(&self) -> bool {
        let whole = match self.caller {
            Caller::Person(session) => session.is_whole(),
            Caller::Service(_) => true,
        };
        whole && self.untold == 0
    }

    /// What the policy had to choose of the session: another choice is another assertion.
    pub(crate) fn choice(&self) -> String {
        let mut choice: Vec<&str> = self.attributes.iter().map(|(name, _)| *name).collect();
        if self.untold > 0 {
            choice.push("");
            choice.extend(&self.groups);
        }
        choice.join("\n")
    }
}

/// Bytes in a header, with the comma.
fn length(value: &str) -> usize {
    utf8_percent_encode(value, STRICT).map(str::len).sum::<usize>().saturating_add(1)
}
