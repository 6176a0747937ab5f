//! Vestibule: single sign-on at the edge.
//!
//! A request is answered by [`gate`], which knows neither clock nor network: time, random bytes
//! and loaded documents are arguments. `edge` (wasm only) gives it those on Cloudflare Workers.
//! The way down is one way: gate → pages, headers → records → saml, policy, session → dsig → xenc →
//! xml, identity → refusals, limits.
#![forbid(unsafe_code)]

pub mod bounded;
pub mod caller;
pub mod cookies;
pub mod dsig;
#[cfg(target_arch = "wasm32")]
mod edge;
pub mod freshness;
pub mod gate;
pub mod headers;
pub mod identity;
pub mod keys;
pub mod limits;
pub mod origin_assertion;
pub mod pages;
pub mod policy;
pub mod records;
pub mod refusals;
pub mod remembered;
pub mod revocations;
pub mod saml;
pub mod service;
pub mod session;
pub mod statement;
pub mod web_url;
pub mod xenc;
pub mod xml;
