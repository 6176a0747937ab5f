//! Durations such as `12h`, and dates.

use chrono::DateTime;

use crate::identity::UnixTime;

pub(super) const DURATION: &str = "a duration such as 30m, 12h or 7d";
pub(super) const DATE: &str =
    "a date such as 2027-03-31, or a date-time such as 2027-03-31T12:00:00Z";

/// Seconds of a duration: a whole number and one of `s`, `m`, `h`, `d`. Zero is none.
pub fn read_duration(written: &str) -> Option<i64> {
    let (count, seconds) = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)]
        .into_iter()
        .find_map(|(unit, seconds)| Some((written.strip_suffix(unit)?, seconds)))?;
    if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let duration = count.parse::<i64>().ok()?.checked_mul(seconds)?;
    (duration > 0).then_some(duration)
}

/// The first second after a date (in UTC) or date-time (RFC 3339).
pub(super) fn read_end(written: &str) -> Option<UnixTime> {
    match read_instant(&format!("{written}T00:00:00Z")) {
        Some(date) => date.checked_add(86_400),
        None => read_instant(written),
    }
}

/// An RFC 3339 date-time.
pub(super) fn read_instant(written: &str) -> Option<UnixTime> {
    Some(DateTime::parse_from_rfc3339(written).ok()?.timestamp())
}
