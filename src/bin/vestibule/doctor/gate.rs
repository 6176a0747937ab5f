//! What the gate answers when it is asked.

use serde_json::Value;

use super::finding::Finding;
use super::{Patient, keys, pass};
use crate::web::{Get, Got};

/// Bytes of an answer that are looked at.
const ANSWER: u64 = 1024 * 1024;
/// Seconds by which two clocks may differ. The gate allows an identity provider a minute.
const CLOCK: i64 = 30;

/// Everything that can be known over HTTP.
pub fn examine(patient: &Patient) -> Vec<Finding> {
    let health = match get(patient, "/.access/health", &[]) {
        Ok(health) => health,
        Err(why) => {
            let remedy = "Look at the DNS record, the route, and whether the Worker is deployed.";
            return vec![Finding::bad("health", why, remedy)];
        }
    };
    let mut findings = vec![healthy(&health), clock(&health, patient.now)];
    findings.append(&mut keys::metadata(patient));
    findings.append(&mut keys::jwks(patient));
    findings.append(&mut pass::examine(patient));
    findings
}

/// Asks for a path of the application's host.
pub fn get(patient: &Patient, path: &str, headers: &[(&str, &str)]) -> Result<Got, String> {
    let url = patient.at(path);
    Get { url: &url, headers, any_certificate: false, most: ANSWER }.send()
}

/// The code that the gate gave with an answer of its own; none where the application answered.
pub fn code(got: &Got) -> Option<&str> {
    got.header("x-access-gate")
}

/// An answer that is not the one that was hoped for, in a few words.
pub fn told(got: &Got) -> String {
    let Some(code) = code(got) else {
        return format!("{}, and not by the gate", got.status);
    };
    let problem: Value = serde_json::from_slice(&got.body).unwrap_or_default();
    let word = |key: &str| problem.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    format!("{} ({code}: {} {})", got.status, word("title"), word("detail")).replace(" )", ")")
}

fn healthy(health: &Got) -> Finding {
    const CHECK: &str = "health";
    match (health.status, code(health)) {
        (200, Some("ok")) => Finding::good(CHECK, "the gate has all that it needs"),
        (_, Some(code)) => {
            let remedy = format!("See {code} in docs/refusals.md.");
            Finding::bad(CHECK, format!("the gate answers {}", told(health)), remedy)
        }
        (_, None) => {
            let remedy = "The request does not go through the Worker: look at the DNS record, which \
                must be proxied, and at the route.";
            Finding::bad(CHECK, format!("something answers {}", told(health)), remedy)
        }
    }
}

/// The clock of the edge against that of this computer, by the header Date.
fn clock(health: &Got, now: i64) -> Finding {
    const CHECK: &str = "clock";
    let date = health.header("date").map(chrono::DateTime::parse_from_rfc2822);
    let Some(Ok(date)) = date else {
        let remedy = "Compare this computer's clock with another.";
        return Finding::unknown(CHECK, "the answer has no date to compare with", remedy);
    };
    let apart = now.saturating_sub(date.timestamp());
    if apart.abs() <= CLOCK {
        return Finding::good(CHECK, "the gate's clock and this computer's agree");
    }
    let side = if apart > 0 { "ahead of" } else { "behind" };
    let says = format!("this computer's clock is {} seconds {side} the gate's", apart.abs());
    Finding::bad(CHECK, says, "Set this computer's clock: dates of releases and keys come from it.")
}
