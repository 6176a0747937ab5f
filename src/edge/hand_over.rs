//! What waits in the ledger: between an auth host and a protected one, and for the command line.

use worker::{Context, Env};

use super::log::log;
use super::request::Head;
use super::{configuration, ledger, limit, revocations};
use crate::gate::{
    Asked, Asking, Collecting, Gate, HandOver, Own, Refused, counted, read_exchange,
};
use crate::records::Event;
use crate::refusals::Refusal;

/// Hands a session over to the host that asks for it.
pub(super) async fn give(
    asking: Asking,
    head: &Head<'_>,
    env: &Env,
    context: &Context,
    gate: &Gate<'_>,
) -> Result<Own, Refused> {
    limit::count(env, &counted("hand-over", head.whence().ip)).await?;
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
            // No code is drawn twice.
            ledger::keep(env, &deposit, now).await?.then_some(()).ok_or(Refusal::Broken)?;
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
    limit::count(env, &counted("collect", head.whence().ip)).await?;
    let taken = ledger::take(env, &gate.application.host, &collecting.key, gate.now).await?;
    let (reply, collected) = gate.collect(collecting, taken, head)?;
    log(&Event::Collected { request: head.received(), collected: &collected });
    Ok(Own::Ready(reply))
}

/// A person lets the command line act as them, once for each time that they were asked.
pub(super) async fn allow_command_line(
    head: &Head<'_>,
    env: &Env,
    gate: &Gate<'_>,
) -> Result<Own, Refused> {
    let body = head.body().await?;
    let (deposit, reply) = gate.allow_command_line(head, &body)?;
    if !ledger::keep(env, &deposit, gate.now).await? {
        return Err(Refusal::CommandLineForged.into());
    }
    Ok(Own::Ready(reply))
}

/// Gives the command line its token.
pub(super) async fn exchange(head: &Head<'_>, env: &Env, gate: &Gate<'_>) -> Result<Own, Refused> {
    limit::count(env, &counted("token", head.whence().ip)).await?;
    let body = head.body().await?;
    let exchange = read_exchange(head.header("content-type").as_deref(), &body)?;
    let taken = ledger::take(env, &gate.application.host, &exchange.key, gate.now).await?;
    let (reply, issued) = gate.exchange(&exchange, taken)?;
    log(&Event::TokenIssued { request: head.received(), issued: &issued });
    Ok(Own::Ready(reply))
}
