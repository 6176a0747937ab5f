//! A sign-in that leads to the next one, round and round: noticed, and ended.
//!
//! A sign-in that ends leaves a cookie for a minute: to which page it led, and how many had led there
//! one after the other. With a session that is kept, none begins for that page in this time. Tabs
//! that open at once don't count: their sign-ins all begin before the first of them has ended.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

use crate::cookies::{self, ENDED};
use crate::limits;
use crate::refusals::Refusal;

/// How many sign-ins for this page ended a moment ago, one after the other.
pub(super) fn before(cookie_header: &str, to: &str) -> Result<u8, Refusal> {
    let ended = cookies::only(cookie_header, ENDED).and_then(|value| value.split_once('.'));
    let rounds = ended.filter(|(_, page)| *page == short(to)).and_then(|(n, _)| n.parse().ok());
    let rounds = rounds.unwrap_or_default();
    if rounds >= limits::ROUNDS { Err(Refusal::SignInLoop) } else { Ok(rounds) }
}

/// The `Set-Cookie` value that says that one more has ended.
pub(super) fn ended(before: u8, to: &str) -> String {
    cookies::set_ended(&format!("{}.{}", before.saturating_add(1), short(to)))
}

fn short(to: &str) -> String {
    let digest = digest(&SHA256, to.as_bytes());
    URL_SAFE_NO_PAD.encode(digest.as_ref().first_chunk::<9>().copied().unwrap_or_default())
}
