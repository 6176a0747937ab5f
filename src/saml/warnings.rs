//! What is accepted of an identity provider, and should not be forgotten.

use std::fmt;

use super::binding::Endpoint;
use super::idp::{IdentityProvider, Legacy};
use super::time;
use crate::identity::UnixTime;
use crate::limits::EXPIRES_SOON_SECONDS;
use crate::refusals::Refusal;

/// Something that an administrator should look at while sign-in still works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The metadata was valid until then.
    MetadataExpired(UnixTime),
    /// A signing certificate ended then.
    CertificateExpired(UnixTime),
    /// A signing certificate ends then, within thirty days.
    CertificateExpires(UnixTime),
    /// A signing certificate begins then.
    CertificateNotYet(UnixTime),
    /// A signing key in the metadata can't be used.
    KeyLeftOut(Refusal),
    /// Requests are posted.
    PostOnly,
    /// No attribute carries groups.
    NoGroups,
    /// Something weak is accepted.
    Legacy(Legacy),
}

impl Warning {
    /// The stable code, for logs.
    pub fn code(&self) -> &'static str {
        match self {
            Warning::MetadataExpired(_) => "metadata-expired",
            Warning::CertificateExpired(_) => "certificate-expired",
            Warning::CertificateExpires(_) => "certificate-expires",
            Warning::CertificateNotYet(_) => "certificate-not-yet",
            Warning::KeyLeftOut(_) => "key-left-out",
            Warning::PostOnly => "post-only",
            Warning::NoGroups => "no-groups",
            Warning::Legacy(Legacy::Sha1) => "legacy-sha1",
            Warning::Legacy(Legacy::InclusiveC14n) => "legacy-inclusive-c14n",
            Warning::Legacy(Legacy::CbcSignedInside) => "legacy-cbc-signed-inside",
        }
    }

    /// Whether somebody has to act by a certain day. The others are as they were set up.
    pub fn is_due(&self) -> bool {
        use Warning::{CertificateExpired, CertificateExpires, MetadataExpired};
        matches!(self, MetadataExpired(_) | CertificateExpired(_) | CertificateExpires(_))
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = |moment: &UnixTime| time::format(*moment).unwrap_or_default();
        match self {
            Warning::MetadataExpired(end) => {
                write!(f, "The metadata was valid until {}. It is used all the same.", date(end))
            }
            Warning::CertificateExpired(end) => {
                write!(f, "A signing certificate ended at {}. Its key is still used.", date(end))
            }
            Warning::CertificateExpires(end) => {
                write!(f, "A signing certificate ends at {}: ask for the next one.", date(end))
            }
            Warning::CertificateNotYet(start) => {
                write!(
                    f,
                    "A signing certificate begins at {}. Its key is used already.",
                    date(start)
                )
            }
            Warning::KeyLeftOut(refusal) => write!(f, "A signing key is left out. {refusal}"),
            Warning::PostOnly => f.write_str(
                "Requests are posted by a form, because no HTTP-Redirect address is known.",
            ),
            Warning::NoGroups => f.write_str("No attribute is named that carries groups."),
            Warning::Legacy(Legacy::Sha1) => {
                f.write_str("SHA-1 is accepted in signatures. Let the provider use SHA-256.")
            }
            Warning::Legacy(Legacy::InclusiveC14n) => f.write_str(
                "Inclusive canonicalisation is accepted. Let the provider use the exclusive one.",
            ),
            Warning::Legacy(Legacy::CbcSignedInside) => f.write_str(
                "AES-CBC is accepted without a signature around it. Let the provider use AES-GCM.",
            ),
        }
    }
}

impl IdentityProvider {
    /// What there is to warn about at this time.
    pub fn warnings(&self, now: UnixTime) -> Vec<Warning> {
        let metadata = &self.metadata;
        let soon = now.saturating_add(EXPIRES_SOON_SECONDS);
        let expired = metadata.valid_until.filter(|end| *end <= now).map(Warning::MetadataExpired);
        let certificates =
            metadata.certificates.iter().filter_map(|certificate| match certificate.not_after {
                end if end <= now => Some(Warning::CertificateExpired(end)),
                end if end <= soon => Some(Warning::CertificateExpires(end)),
                _ if certificate.not_before > now => {
                    Some(Warning::CertificateNotYet(certificate.not_before))
                }
                _ => None,
            });
        let left_out = metadata.left_out.iter().copied().map(Warning::KeyLeftOut);
        let post_only = matches!(metadata.sign_on, Endpoint::Post(_)).then_some(Warning::PostOnly);
        let no_groups = self.attributes.groups.is_empty().then_some(Warning::NoGroups);
        let legacy = self.legacy.iter().copied().map(Warning::Legacy);
        expired
            .into_iter()
            .chain(certificates)
            .chain(left_out)
            .chain(post_only)
            .chain(no_groups)
            .chain(legacy)
            .collect()
    }
}
