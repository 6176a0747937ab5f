//! Metadata fetched anew, and what of it is taken (SEC-34).
//!
//! Whoever can change metadata can sign in as anybody. So a change that opens anything is taken
//! only where a pinned key signed it; without that it waits for an administrator.

use super::idp::{IdentityProvider, IdpDocument};
use super::metadata::Metadata;
use crate::dsig::{Certificate, PublicKey, Tolerance, verify_within};
use crate::identity::UnixTime;
use crate::refusals::Refusal;
use crate::xml::{Document, Profile};

/// What to do with fetched metadata.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Nothing: it says what is stored.
    Unchanged,
    /// Store this document. The pinned key signed it, or nothing but dates are new.
    Take(Box<IdpDocument>, Vec<String>),
    /// Leave it to the administrator to store this document.
    Propose(Box<IdpDocument>, Vec<String>),
}

/// Compares what was fetched from the document's `metadata_url` with what is stored.
pub fn refresh(stored: &IdpDocument, fetched: &[u8], now: UnixTime) -> Result<Outcome, Refusal> {
    let idp = IdentityProvider::from_document("", stored.clone())?;
    let (known, key) = (idp.metadata, idp.source.and_then(|source| source.key));
    let signed = key.is_some();
    let bytes = match key {
        Some(key) => signed_part(fetched, key)?,
        None => fetched.to_vec(),
    };
    let new = Box::new(IdpDocument {
        entity_id: Some(known.entity_id.clone()),
        metadata: String::from_utf8(bytes).or(Err(Refusal::XmlEncoding))?,
        ..stored.clone()
    });
    let found = new.read_metadata(new.metadata.as_bytes())?;
    if found.valid_until.is_some_and(|end| end <= now) {
        return Err(Refusal::MetadataExpired);
    }
    let changes = changes(&known, &found);
    Ok(if signed && !changes.is_empty() {
        Outcome::Take(new, changes)
    } else if !changes.is_empty() {
        Outcome::Propose(new, changes)
    } else if found.valid_until == known.valid_until
        && same(&found.certificates, &known.certificates)
    {
        Outcome::Unchanged
    } else {
        Outcome::Take(new, changes)
    })
}

/// What the pinned key signed, and nothing else (SEC-20).
fn signed_part(fetched: &[u8], key: PublicKey) -> Result<Vec<u8>, Refusal> {
    let document = Document::parse(fetched, &Profile::METADATA)?;
    let verified =
        verify_within(document.root(), &[key], Tolerance::default(), &Profile::METADATA)?;
    Ok(verified.bytes().to_vec())
}

/// What differs, but for dates and keys that can't be used. Every field is named, so that none is
/// ever forgotten.
fn changes(known: &Metadata, found: &Metadata) -> Vec<String> {
    let Metadata {
        entity_id,
        sign_on,
        wants_signed_requests,
        logout,
        keys,
        certificates,
        left_out: _,
        valid_until: _,
    } = found;
    let mut changes = Vec::new();
    for (what, differs) in [
        ("entity ID", *entity_id != known.entity_id),
        ("sign-on address", *sign_on != known.sign_on),
        ("signed requests", *wants_signed_requests != known.wants_signed_requests),
        ("logout address", *logout != known.logout),
    ] {
        if differs {
            changes.push(format!("{what} changed"));
        }
    }
    let missing = |certificates: &[Certificate], keys: &[PublicKey], what: &str| {
        let missing = certificates.iter().filter(|certificate| !keys.contains(&certificate.key));
        missing.map(|one| format!("key {what}: {}", one.fingerprint_hex())).collect::<Vec<_>>()
    };
    changes.extend(missing(certificates, &known.keys, "added"));
    changes.extend(missing(&known.certificates, keys, "removed"));
    changes
}

/// Whether two lists hold the same, in whatever order. Some servers shuffle.
fn same<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.iter().all(|item| other.contains(item)) && other.iter().all(|item| one.contains(item))
}
