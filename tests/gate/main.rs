//! The gate from the first request to the forwarded one, natively: everything but the runtime.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

#[path = "../support/mod.rs"]
mod support;

mod apps;
mod choose;
mod command_line;
mod encrypted;
mod explain;
mod hand_over;
mod hand_over_attacks;
mod large;
mod logout;
mod many_hosts;
mod non_browsers;
mod requests;
mod scripts;
mod sign_in;
mod unsolicited;
mod world;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use many_hosts::*;
use std::cell::RefCell;
use std::rc::Rc;
use support::encryption::{CBC128, Encryption, GCM256};
use support::response::{HONEST, NOW, Signed, idp_json, signed};
use support::{public_key, sign};
use vestibule::dsig::verify;
use vestibule::gate::{
    Answer, Application, Asked, Deployment, Deposit, Forward, HandOver, Posted, Refused, Reply,
    Taken, Whence, read_exchange, read_form,
};
use vestibule::keys::new_seal_key;
use vestibule::policy::{Policy, Reported, Verdict};
use vestibule::records::{Candidate, Decided};
use vestibule::refusals::Refusal;
use vestibule::revocations::{Revocations, Revoked, RevokedDocument};
use vestibule::saml::PROTOCOL;
use vestibule::saml::idp::IdentityProvider;
use vestibule::service::{HashedSecret, ServiceDocument, hash};
use vestibule::xml::{Document, Profile};
use world::*;
