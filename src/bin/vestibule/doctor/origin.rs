//! Whether the application can be reached around the gate.

use super::Patient;
use super::finding::Finding;
use crate::web::Get;

const SHUT: &str = "Shut it to all but the gate: a Tunnel, Authenticated Origin Pulls, or verifying \
    X-Access-Jwt.";

/// Asks the origin as somebody who found its address would: with forged headers.
pub fn examine(patient: &Patient, origin: Option<&str>) -> Finding {
    const CHECK: &str = "origin";
    let Some(origin) = origin else {
        let why = "the origin's own address was not given";
        return Finding::unknown(CHECK, why, "Say --origin, and see whether it answers.");
    };
    let path = patient.path.as_deref().unwrap_or("/");
    let url = format!("{}{path}", origin.trim_end_matches('/'));
    let host = patient.url.host();
    let forged = "vestibule-doctor-forged@example.com";
    let headers = [
        ("Host", host),
        ("X-Access-Subject", forged),
        ("X-Access-Email", forged),
        ("X-Access-Groups", "HR,IT"),
        ("X-Forwarded-Proto", "https"),
    ];
    // Its certificate may be one that only Cloudflare takes.
    let got = Get { url: &url, headers: &headers, any_certificate: true, most: 64 * 1024 }.send();
    let got = match got {
        Ok(got) => got,
        Err(why) => return Finding::good(CHECK, format!("nothing answers there: {why}")),
    };
    let says = format!("{url} answers {} to a request that did not pass the gate", got.status);
    match got.status {
        400 | 401 | 403 | 421 | 495 | 496 => Finding::good(CHECK, says),
        200..=299 => Finding::bad(CHECK, says, SHUT),
        300..=399 => {
            let to = got.header("location").unwrap_or("nowhere");
            Finding::unknown(CHECK, format!("{says}: go to {to}"), "Ask there: --origin.")
        }
        _ => Finding::unknown(CHECK, says, "Say --path, with a page that it has."),
    }
}
