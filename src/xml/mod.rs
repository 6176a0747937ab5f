//! The strict reader, and what it reads: an immutable tree.
//!
//! quick-xml finds the tokens and nothing else. That a document is well-formed, that its
//! namespaces are sound, and that it stays within the limits is decided here, once, in one pass
//! over the bytes (SEC-03 to SEC-09). Nothing is lenient: what two parsers could read in two ways
//! is refused.

mod base64;
pub mod c14n;
mod chars;
mod name;
mod reader;
mod tag;
mod tree;
pub mod write;

pub use base64::decode as decode_base64;
pub use name::is_ncname;
pub use tree::{Attribute, Document, Node, Scope};

use crate::limits;
use crate::refusals::Refusal;

/// The namespace of XML signatures, whose elements stand in encrypted ones too.
pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

/// What a comment means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comments {
    /// The document is refused.
    Refuse,
    /// As if it were not there: the text around it is one text.
    Ignore,
}

/// The bounds of one kind of document.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// Bytes of the document.
    pub max_bytes: usize,
    /// Elements of the document.
    pub max_elements: usize,
    /// Whether comments are tolerated.
    pub comments: Comments,
}

impl Profile {
    /// A SAML message.
    pub const MESSAGE: Profile = Profile {
        max_bytes: limits::SAML_MESSAGE,
        max_elements: limits::XML_ELEMENTS,
        comments: Comments::Refuse,
    };
    /// A metadata document: larger, and written by people.
    pub const METADATA: Profile = Profile {
        max_bytes: limits::METADATA,
        max_elements: limits::METADATA_ELEMENTS,
        comments: Comments::Ignore,
    };
}

impl Document {
    /// Reads a whole document, or refuses it.
    pub fn parse(bytes: &[u8], profile: &Profile) -> Result<Document, Refusal> {
        reader::read(bytes, profile, &Scope::default())
    }

    /// Reads a fragment as a document: an element that was written within `around`, whose prefixes
    /// it may use without declaring them (XML Encryption 4.5.1).
    pub fn parse_within(
        bytes: &[u8],
        profile: &Profile,
        around: &Scope,
    ) -> Result<Document, Refusal> {
        reader::read(bytes, profile, around)
    }
}
