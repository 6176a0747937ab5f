//! The end of a sign-in: the posted response, with all that it takes of the runtime.

use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use worker::Env;

use super::log::log;
use super::request::Head;
use super::{ledger, limit, webcrypto};
use crate::gate::{Asked, Claim, Gate, Own, Posted, Refused, SealedClaim, counted};
use crate::records::Event;
use crate::refusals::Refusal;

/// Milliseconds after which a failed decryption is answered: more than any takes, so that the time
/// of the answer says nothing of where it failed (SEC-33).
const DECRYPTION: i32 = 250;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(run: &js_sys::Function, milliseconds: i32);
}

/// Takes a posted response, lets the ledger say whether it is the first time, begins the session.
pub(super) async fn sign_in(head: &Head<'_>, env: &Env, gate: &Gate<'_>) -> Result<Own, Refused> {
    limit::count(env, &counted("acs", head.whence().ip)).await?;
    let form = head.form().await?;
    let claim = match gate.receive(&form, head)? {
        Posted::Claim(claim) => *claim,
        Posted::Sealed(sealed) => open(*sealed, head, env, gate).await?,
        Posted::Own(own) => return Ok(own),
    };
    let first = ledger::claim(env, &claim, gate.now).await;
    let first = first.map_err(|refused| refused.on_the_way_to(claim.to()))?;
    let mut signed_in = claim.signed_in();
    let begun = gate.begin(claim, first, head)?;
    signed_in.groups_dropped = begun.groups_dropped;
    log(&Event::SignedIn { request: head.received(), signed_in: &signed_in });
    Ok(Own::Ready(begun.reply))
}

async fn open(
    claim: SealedClaim,
    head: &Head<'_>,
    env: &Env,
    gate: &Gate<'_>,
) -> Result<Claim, Refused> {
    if let Some(whose) = claim.limited_as(head.whence().ip) {
        limit::demanded(env, &whose).await?;
    }
    // It runs while the decryption does.
    let over = Promise::new(&mut |resolve, _| set_timeout(&resolve, DECRYPTION));
    let content_key = match &gate.deployment.saml {
        Some(keys) => webcrypto::content_key(keys, claim.sealed.key()).await,
        None => None,
    };
    let opened = gate.open(claim, content_key.as_deref());
    if opened.as_ref().is_err_and(|r| r.refusal == Refusal::AssertionUndecipherable) {
        drop(JsFuture::from(over).await);
    }
    opened
}
