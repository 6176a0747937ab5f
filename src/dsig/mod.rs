//! The one shape of XML signature that we accept: enveloped, over its own parent, by ID, in
//! exclusive canonical form, by a configured key (SEC-12 to SEC-20).
//!
//! What comes out is [`Verified`]: the canonical bytes whose digest was checked, read again.
//! Nothing else of the message may feed an identity.

mod algorithms;
mod certificate;
mod ids;
mod keys;
mod shape;
mod sign;
mod signed_info;
mod verify;

pub(crate) use algorithms::RSA_SHA256;
pub use algorithms::{Tolerance, verify_octets, verify_octets_under};
pub use certificate::Certificate;
pub use ids::{unique_ids, unique_ids_across};
pub use keys::PublicKey;
pub use shape::{signature_of, signatures_only_in};
pub use sign::Enveloped;
pub use verify::{Verified, verify, verify_within};
