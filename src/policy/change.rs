//! One thing that could be different about who asks, or about where from.

use std::fmt;
use std::net::IpAddr;

use super::condition::Condition;
use super::decide::{ClientCertificate, Request};
use super::document::Policy;
use crate::identity::{Email, Facts};

/// One fact that could be different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    SignIn,
    SignInNow,
    SignedInLongAgo(i64),
    Join(String),
    Leave(String),
    Address(Email),
    Value(String, String),
    Provider(String),
    Means(String),
    From(IpAddr),
    Country(String),
    Asn(u32),
    Certificate { issuer: String, subject: String, sha256: String },
    Service(String),
}

/// Somebody of whom nothing is known but that they have just signed in.
pub(super) fn stranger(policy: &Policy, request: &Request<'_>) -> Facts {
    let idp = policy.idps().first().cloned().unwrap_or_default();
    Facts { idp, signed_in_at: request.now, ..Facts::default() }
}

/// Collects what a condition names, each once.
pub(super) fn name(
    condition: &Condition,
    policy: &Policy,
    facts: Option<&Facts>,
    changes: &mut Vec<Change>,
) {
    let mut add = |change: Change| {
        if !changes.contains(&change) {
            changes.push(change);
        }
    };
    match condition {
        Condition::Group(names) => names.iter().cloned().for_each(|name| {
            let member = facts.is_some_and(|facts| facts.groups.contains(&name));
            add(if member { Change::Leave(name) } else { Change::Join(name) });
        }),
        Condition::Email(addresses) => {
            addresses.iter().cloned().for_each(|address| add(Change::Address(address)));
        }
        Condition::EmailDomain(domains) => {
            let somebody = domains.iter().map(|domain| Email::parse(&format!("somebody@{domain}")));
            somebody.flatten().for_each(|address| add(Change::Address(address)));
        }
        Condition::Attribute { name, values } => {
            values.iter().cloned().for_each(|value| add(Change::Value(name.clone(), value)));
        }
        Condition::Idp(ids) => ids.iter().cloned().for_each(|id| add(Change::Provider(id))),
        Condition::AuthnContext(all) => {
            all.iter().cloned().for_each(|means| add(Change::Means(means)));
        }
        Condition::SignedInWithin(seconds) => add(Change::SignedInLongAgo(*seconds)),
        Condition::Ip(networks) => {
            networks.iter().for_each(|network| add(Change::From(network.addr())));
        }
        Condition::Country(codes) => {
            codes.iter().cloned().for_each(|code| add(Change::Country(code)));
        }
        Condition::Asn(numbers) => numbers.iter().for_each(|number| add(Change::Asn(*number))),
        Condition::ClientCertificate { issuer, subject, sha256 } => {
            let given = |part: &Option<String>| part.clone().unwrap_or_default();
            let (issuer, subject) = (given(issuer), given(subject));
            add(Change::Certificate { issuer, subject, sha256: given(sha256) });
        }
        Condition::Service(ids) => ids.iter().cloned().for_each(|id| add(Change::Service(id))),
        Condition::Set { place, .. } => {
            if let Some((_, set)) = policy.sets().get(*place) {
                name(set, policy, facts, changes);
            }
        }
        _ => condition.parts().iter().for_each(|part| name(part, policy, facts, changes)),
    }
}

impl Change {
    /// Whether it is about the request and not about the person.
    pub(super) fn is_of_request(&self) -> bool {
        use Change::{Asn, Certificate, Country, From};
        matches!(self, From(_) | Country(_) | Asn(_) | Certificate { .. })
    }

    /// The service that asks instead of a person.
    pub(super) fn service(&self) -> Option<&str> {
        match self {
            Change::Service(id) => Some(id),
            _ => None,
        }
    }

    /// Whether the two can't both hold: one has one address, and many groups.
    pub(super) fn excludes(&self, other: &Change) -> bool {
        let many = matches!(self, Change::Join(_) | Change::Leave(_) | Change::Value(..));
        !many && std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// Facts with this one changed.
    pub(super) fn on_facts(&self, mut facts: Facts, request: &Request<'_>) -> Facts {
        match self {
            Change::SignInNow => facts.signed_in_at = request.now,
            Change::SignedInLongAgo(seconds) => {
                let just_before = seconds.saturating_add(1);
                facts.signed_in_at = request.now.saturating_sub(just_before);
            }
            Change::Join(group) => facts.groups.push(group.clone()),
            Change::Leave(group) => facts.groups.retain(|known| known != group),
            Change::Address(address) => facts.email = Some(address.clone()),
            Change::Value(name, value) => {
                facts.attributes.entry(name.clone()).or_default().push(value.clone());
            }
            Change::Provider(id) => facts.idp.clone_from(id),
            Change::Means(means) => facts.authn_context = Some(means.clone()),
            Change::SignIn
            | Change::From(_)
            | Change::Country(_)
            | Change::Asn(_)
            | Change::Service(_)
            | Change::Certificate { .. } => {}
        }
        facts
    }

    /// A request with this fact changed.
    pub(super) fn on_request<'a>(&'a self, request: Request<'a>) -> Request<'a> {
        match self {
            Change::From(ip) => Request { ip: Some(*ip), ..request },
            Change::Country(code) => Request { country: Some(code), ..request },
            Change::Asn(number) => Request { asn: Some(*number), ..request },
            Change::Certificate { issuer, subject, sha256 } => {
                let shown = ClientCertificate { issuer, subject, sha256 };
                Request { client_certificate: Some(shown), ..request }
            }
            _ => request,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::SignIn => f.write_str("anybody signed in"),
            Change::SignInNow => f.write_str("a new sign-in"),
            Change::SignedInLongAgo(seconds) => write!(f, "signed in more than {seconds}s ago"),
            Change::Join(group) => write!(f, "in group {group}"),
            Change::Leave(group) => write!(f, "not in group {group}"),
            Change::Address(address) => write!(f, "with the address {}", address.as_str()),
            Change::Value(name, value) => write!(f, "with the attribute {name} = {value}"),
            Change::Provider(id) => write!(f, "signed in at {id}"),
            Change::Means(means) => write!(f, "signed in by {means}"),
            Change::From(ip) => write!(f, "from {ip}"),
            Change::Country(code) => write!(f, "from the country {code}"),
            Change::Service(id) => write!(f, "the service {id}"),
            Change::Asn(number) => write!(f, "from the network AS{number}"),
            Change::Certificate { issuer, subject, sha256 } => {
                f.write_str("with a client certificate")?;
                for (key, value) in [("issuer", issuer), ("subject", subject), ("SHA-256", sha256)]
                {
                    if !value.is_empty() {
                        write!(f, ", {key} {value}")?;
                    }
                }
                Ok(())
            }
        }
    }
}
