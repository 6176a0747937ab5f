//! Vestibule: single sign-on at the edge.
//!
//! A request is answered by [`gate`], which knows neither clock nor network: time, random bytes
//! and loaded documents are arguments. `edge` (wasm only) gives it those on Cloudflare Workers.
//! The way down is one way: gate → saml, policy, session, headers → dsig, xml, identity →
//! refusals, limits.
#![forbid(unsafe_code)]

pub mod identity;
pub mod limits;
pub mod policy;
pub mod refusals;
