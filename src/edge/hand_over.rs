//! One sign-in for many hosts: what waits in the ledger between an auth host and a protected one.

use worker::{Context, Env};

use super::log::log;
use super::request::Head;
use super::{configuration, ledger, revocations};
use crate::gate::{Asking, Collecting, Gate, HandOver, Own};
use crate::records::Event;
use crate::refusals::{Refusal, Refused};

/// Hands a session over to the host that asks for it.
pub(super) async fn give(
    asking: Asking,
    head: &Head<'_>,
    env: &Env,
    context: &Context,
    gate: &Gate<'_>,
) -> Result<Own, Refused> {
    let (host, now) = (&asking.host, gate.now);
    let other = configuration::application(env, context, gate.deployment, host, now).await;
    let other = other.map_err(|refused| match refused.refusal {
        Refusal::HostUnknown => Refusal::HandOverForeign.into(),
        _ => refused,
    })?;
    let revocations = revocations::of_host(env, context, &other, now).await?;
    match gate.hand_over(asking, &other, &revocations, head)? {
        HandOver::Own(own) => Ok(own),
        HandOver::Deposit(deposit, reply, handed_over) => {
            ledger::keep(env, &deposit, now).await?;
            let handed_over = &handed_over;
            log(&Event::HandedOver { request: head.received(), handed_over });
            Ok(Own::Ready(reply))
        }
    }
}

/// Takes what the auth host has handed over, and begins a session of it.
pub(super) async fn collect(
    collecting: &Collecting,
    head: &Head<'_>,
    env: &Env,
    gate: &Gate<'_>,
) -> Result<Own, Refused> {
    let taken = ledger::take(env, &gate.application.host, &collecting.key, gate.now).await?;
    let (reply, collected) = gate.collect(collecting, taken, head)?;
    log(&Event::Collected { request: head.received(), collected: &collected });
    Ok(Own::Ready(reply))
}
