//! The strict reader, its tree and canonical form, beside other implementations.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod c14n;
mod generator;
mod oracles;
mod refused;
mod tree;

use vestibule::refusals::Refusal;
use vestibule::xml::{Document, Profile};

fn parse(xml: &str) -> Result<Document, Refusal> {
    Document::parse(xml.as_bytes(), &Profile::MESSAGE)
}
