//! Conditions, and what they come to for one request.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use super::decide::{Request, Who};
use super::trace::{Silent, Trace};
use crate::identity::{Email, Facts, UnixTime};

/// What must hold of the person and the request. A list means "one of these".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Holds always: what `"deny": true` means.
    Everyone,
    /// Somebody is signed in.
    SignedIn,
    /// Member of one of these groups.
    Group(Vec<String>),
    /// Has one of these addresses.
    Email(Vec<Email>),
    /// Has an address at exactly one of these domains, in lower case.
    EmailDomain(Vec<String>),
    /// Has one of `values` for the attribute.
    Attribute {
        /// Our name for it.
        name: String,
        /// The values that do.
        values: Vec<String>,
    },
    /// Signed in at one of these identity providers.
    Idp(Vec<String>),
    /// Signed in by one of these means.
    AuthnContext(Vec<String>),
    /// Signed in at most so many seconds ago.
    SignedInWithin(i64),
    /// Comes from one of these networks.
    Ip(Vec<IpNet>),
    /// Comes from one of these countries.
    Country(Vec<String>),
    /// Comes from one of these autonomous systems.
    Asn(Vec<u32>),
    /// Shows a client certificate that the edge has verified, with all that is named here.
    ClientCertificate {
        /// Distinguished name of the issuer.
        issuer: Option<String>,
        /// Distinguished name of the holder.
        subject: Option<String>,
        /// SHA-256 of the certificate, in lower-case hexadecimal.
        sha256: Option<String>,
    },
    /// Is one of these services.
    Service(Vec<String>),
    /// The named set, by its place in the policy's list.
    Set {
        /// Its name.
        name: String,
        /// Its place.
        place: usize,
    },
    /// One of them holds.
    Any(Vec<Condition>),
    /// All of them hold.
    All(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
}

/// What a condition comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold, whoever signs in.
    False,
    /// It depends on who signs in.
    Unknown,
}

impl Truth {
    fn or(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::True, _) | (_, Truth::True) => Truth::True,
            (Truth::False, Truth::False) => Truth::False,
            _ => Truth::Unknown,
        }
    }
}

impl std::ops::Not for Truth {
    type Output = Truth;
    fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Truth {
        if holds { Truth::True } else { Truth::False }
    }
}

/// What a condition is asked about.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) who: Who<'a>,
    pub(super) signed_in_at: UnixTime,
    pub(super) sets: &'a [(String, Condition)],
}

/// Where a condition stands, which tells what it comes to if it asks for a fact that is not there.
#[derive(Clone, Copy)]
pub(super) struct Standing {
    /// In what denies, and not in what allows.
    pub(super) denies: bool,
    /// Behind an odd number of `not`.
    pub(super) negated: bool,
}

impl Standing {
    /// For a fact that the request lacks, such as its country: it never opens anything.
    fn of_request(self) -> Truth {
        Truth::from(self.denies != self.negated)
    }

    /// For a fact about a person where a service asks: it never opens anything, and a deny that is
    /// about people leaves services alone.
    fn of_person(self) -> Truth {
        Truth::from(!self.denies && self.negated)
    }
}

impl std::ops::Not for Standing {
    type Output = Standing;
    fn not(self) -> Standing {
        Standing { negated: !self.negated, ..self }
    }
}

impl Condition {
    /// What it comes to.
    pub(super) fn weigh<T: Trace>(
        &self,
        asked: &Asked<'_>,
        standing: Standing,
        trace: &mut T,
    ) -> Truth {
        trace.enter(self);
        let truth = match self {
            Condition::Any(parts) => any(parts, asked, standing, trace),
            Condition::All(parts) => all(parts, asked, standing, trace),
            Condition::Not(part) => !part.weigh(asked, !standing, trace),
            Condition::Set { place, .. } => match asked.sets.get(*place) {
                Some((_, set)) => set.weigh(asked, standing, trace),
                None => standing.of_request(),
            },
            _ => self
                .about_person(asked, standing)
                .unwrap_or_else(|| self.about_request(asked, standing.of_request())),
        };
        trace.leave(truth);
        truth
    }

    /// Whether it holds for a service by a part that names it. What would let in any service, such as a
    /// condition on the address alone, is meant for people.
    pub(super) fn holds_by_name(&self, asked: &Asked<'_>, standing: Standing) -> bool {
        let in_part = |part: &Condition| part.holds_by_name(asked, standing);
        let names = match self {
            Condition::Service(_) => true,
            Condition::Any(parts) | Condition::All(parts) => parts.iter().any(in_part),
            Condition::Set { place, .. } => {
                asked.sets.get(*place).is_some_and(|(_, set)| in_part(set))
            }
            _ => false,
        };
        names && self.weigh(asked, standing, &mut Silent) == Truth::True
    }

    /// Conditions on who asks are unknown before that is known.
    fn about_person(&self, asked: &Asked<'_>, standing: Standing) -> Option<Truth> {
        let of = |holds: &dyn Fn(&Facts) -> bool| {
            Some(match asked.who {
                Who::Nobody => Truth::Unknown,
                Who::Person(facts) => Truth::from(holds(facts)),
                Who::Service(_) => standing.of_person(),
            })
        };
        match self {
            Condition::SignedIn => of(&|_| true),
            Condition::Group(names) => of(&|facts| facts.groups.iter().any(|g| names.contains(g))),
            Condition::Email(addresses) => {
                of(&|facts| facts.email.as_ref().is_some_and(|email| addresses.contains(email)))
            }
            Condition::EmailDomain(domains) => of(&|facts| {
                let domain = facts.email.as_ref().map(Email::domain);
                domains.iter().any(|known| domain == Some(known))
            }),
            Condition::Attribute { name, values } => of(&|facts| {
                let found = facts.attributes.get(name).map(Vec::as_slice).unwrap_or_default();
                found.iter().any(|value| values.contains(value))
            }),
            Condition::Idp(ids) => of(&|facts| ids.contains(&facts.idp)),
            Condition::AuthnContext(means) => {
                of(&|facts| facts.authn_context.as_ref().is_some_and(|m| means.contains(m)))
            }
            Condition::SignedInWithin(seconds) => {
                of(&|_| asked.request.now.saturating_sub(asked.signed_in_at) <= *seconds)
            }
            Condition::Service(ids) => Some(match asked.who {
                Who::Nobody => Truth::Unknown,
                Who::Person(_) => Truth::False,
                Who::Service(id) => Truth::from(ids.iter().any(|known| known == id)),
            }),
            _ => None,
        }
    }

    fn about_request(&self, asked: &Asked<'_>, missing: Truth) -> Truth {
        let request = asked.request;
        match self {
            Condition::Ip(networks) => request.ip.map_or(missing, |ip| {
                // An IPv4 address may come in IPv6 clothes.
                let ip: IpAddr = ip.to_canonical();
                networks.iter().any(|network| network.contains(&ip)).into()
            }),
            Condition::Country(codes) => request
                .country
                .map_or(missing, |country| codes.iter().any(|code| code == country).into()),
            Condition::Asn(numbers) => {
                request.asn.map_or(missing, |asn| numbers.contains(&asn).into())
            }
            Condition::ClientCertificate { issuer, subject, sha256 } => {
                let agrees = |wanted: &Option<String>, found: &str| {
                    wanted.as_ref().is_none_or(|wanted| wanted == found)
                };
                let holds = request.client_certificate.is_some_and(|shown| {
                    agrees(issuer, shown.issuer)
                        && agrees(subject, shown.subject)
                        && sha256.as_ref().is_none_or(|w| w.eq_ignore_ascii_case(shown.sha256))
                });
                holds.into()
            }
            Condition::Everyone => Truth::True,
            // The others were answered before.
            _ => missing,
        }
    }

    /// The conditions right inside.
    pub fn parts(&self) -> &[Condition] {
        match self {
            Condition::Any(parts) | Condition::All(parts) => parts,
            Condition::Not(part) => std::slice::from_ref(part),
            _ => &[],
        }
    }

    /// Whether `holds` for it or for a condition inside; sets are not followed.
    pub fn any_part(&self, holds: &mut impl FnMut(&Condition) -> bool) -> bool {
        holds(self) || self.parts().iter().any(|part| part.any_part(holds))
    }
}

fn any<T: Trace>(
    parts: &[Condition],
    asked: &Asked<'_>,
    standing: Standing,
    trace: &mut T,
) -> Truth {
    let mut truth = Truth::False;
    for part in parts {
        truth = truth.or(part.weigh(asked, standing, trace));
        if truth == Truth::True && !T::THOROUGH {
            break;
        }
    }
    truth
}

fn all<T: Trace>(
    parts: &[Condition],
    asked: &Asked<'_>,
    standing: Standing,
    trace: &mut T,
) -> Truth {
    let mut untruth = Truth::False;
    for part in parts {
        untruth = untruth.or(!part.weigh(asked, standing, trace));
        if untruth == Truth::True && !T::THOROUGH {
            break;
        }
    }
    !untruth
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn list<D: fmt::Display>(values: &[D]) -> String {
            values.iter().map(D::to_string).collect::<Vec<_>>().join(" or ")
        }
        match self {
            Condition::Everyone => f.write_str("everyone"),
            Condition::SignedIn => f.write_str("signed-in"),
            Condition::Group(names) => write!(f, "group {}", list(names)),
            Condition::Email(addresses) => {
                let addresses: Vec<&str> = addresses.iter().map(Email::as_str).collect();
                write!(f, "email {}", list(&addresses))
            }
            Condition::EmailDomain(domains) => write!(f, "email_domain {}", list(domains)),
            Condition::Attribute { name, values } => {
                write!(f, "attribute {name} = {}", list(values))
            }
            Condition::Idp(ids) => write!(f, "idp {}", list(ids)),
            Condition::AuthnContext(means) => write!(f, "authn_context {}", list(means)),
            Condition::SignedInWithin(seconds) => write!(f, "signed_in_within {seconds}s"),
            Condition::Ip(networks) => write!(f, "ip {}", list(networks)),
            Condition::Country(codes) => write!(f, "country {}", list(codes)),
            Condition::Asn(numbers) => write!(f, "asn {}", list(numbers)),
            Condition::ClientCertificate { issuer, subject, sha256 } => {
                f.write_str("client_certificate")?;
                let named = [("issuer", issuer), ("subject", subject), ("sha256", sha256)];
                for (key, value) in named {
                    if let Some(value) = value {
                        write!(f, " {key} {value}")?;
                    }
                }
                Ok(())
            }
            Condition::Service(ids) => write!(f, "service {}", list(ids)),
            Condition::Set { name, .. } => write!(f, "set {name}"),
            Condition::Any(_) => f.write_str("any"),
            Condition::All(_) => f.write_str("all"),
            Condition::Not(_) => f.write_str("not"),
        }
    }
}
