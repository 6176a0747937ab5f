//! Metadata fetched anew, and what of it is taken (SEC-34).
//!
//! Whoever can change metadata can sign in as anybody. So a change is taken only where a pinned key
//! signed it; without that it waits for an administrator.

use super::idp::{IdentityProvider, IdpDocument};
use super::metadata::Metadata;
use crate::dsig::{Certificate, PublicKey, Tolerance, verify_within};
use crate::identity::UnixTime;
use crate::refusals::Refusal;
use crate::xml::{Document, Profile};

/// What to do with fetched metadata. New documents come with what is new in them, in words.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Nothing: it says what is stored.
    Unchanged,
    /// Store this document: the pinned key signed it.
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
    Ok(match signed {
        _ if changes.is_empty() => Outcome::Unchanged,
        true => Outcome::Take(new, changes),
        false => Outcome::Propose(new, changes),
    })
}

/// What the pinned key signed, and nothing else (SEC-20).
fn signed_part(fetched: &[u8], key: PublicKey) -> Result<Vec<u8>, Refusal> {
    let document = Document::parse(fetched, &Profile::METADATA)?;
    let verified =
        verify_within(document.root(), &[key], Tolerance::default(), &Profile::METADATA)?;
    Ok(verified.bytes().to_vec())
}

/// What differs. Every field is named, so that none is ever forgotten.
fn changes(known: &Metadata, found: &Metadata) -> Vec<String> {
    let Metadata {
        // The entity was looked up by it.
        entity_id: _,
        sign_on,
        wants_signed_requests,
        logout,
        certificates,
        // They are those of the certificates.
        keys: _,
        left_out,
        valid_until,
    } = found;
    let differs = [
        ("sign-on address", *sign_on != known.sign_on),
        ("logout address", *logout != known.logout),
        ("signed requests", *wants_signed_requests != known.wants_signed_requests),
        ("keys that can't be used", *left_out != known.left_out),
        ("valid until", *valid_until != known.valid_until),
    ];
    let differing = differs.into_iter().filter(|(_, differs)| *differs);
    let mut changes: Vec<_> = differing.map(|(what, _)| format!("{what} changed")).collect();
    // In any order: some servers shuffle.
    changes.extend(only_in(certificates, &known.certificates, "added"));
    changes.extend(only_in(&known.certificates, certificates, "removed"));
    changes
}

fn only_in<'a>(
    ours: &'a [Certificate],
    theirs: &'a [Certificate],
    what: &'a str,
) -> impl Iterator<Item = String> + 'a {
    let missing = ours.iter().filter(|certificate| !theirs.contains(certificate));
    missing.map(move |one| format!("certificate {what}: {}", one.fingerprint_hex()))
}
