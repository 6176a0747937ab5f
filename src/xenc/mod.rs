//! The one shape of XML encryption that is decrypted (SEC-33): one element, its content key
//! encrypted for us. RSA is left to the caller, who hands the content key back.

mod algorithms;
mod cipher;
mod shape;

pub use algorithms::{DataCipher, OaepHash};
pub use cipher::ContentKey;
pub use shape::{Encrypted, EncryptedKey};

/// The namespace of XML encryption.
pub const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
/// The namespace of what version 1.1 added.
pub const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
