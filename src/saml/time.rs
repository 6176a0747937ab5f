//! xs:dateTime as SAML has it: always UTC (SAML core 1.3.3).

use chrono::{DateTime, SecondsFormat};

use crate::identity::UnixTime;
use crate::refusals::Refusal;

/// Reads `2026-11-23T10:00:00Z`, with up to nine digits of fraction, which are cut off.
pub(super) fn parse(text: &str) -> Result<UnixTime, Refusal> {
    let refused = Err(Refusal::TimeMalformed);
    let Some(local) = text.strip_suffix('Z') else { return refused };
    let (whole, fraction) = local.split_once('.').unwrap_or((local, "0"));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !(1..=9).contains(&fraction.len()) || !digits(fraction) {
        return refused;
    }
    let shape: Vec<u8> = whole.bytes().map(|b| if b.is_ascii_digit() { b'0' } else { b }).collect();
    // A leap second has no place on the Unix clock, and year 0 none in XML Schema 1.0.
    if shape != b"0000-00-00T00:00:00" || whole.ends_with("60") || whole.starts_with("0000") {
        return refused;
    }
    match DateTime::parse_from_rfc3339(text) {
        Ok(time) => Ok(time.timestamp()),
        Err(_) => refused,
    }
}

/// Writes a moment, to the second.
pub(super) fn format(time: UnixTime) -> Result<String, Refusal> {
    let moment = DateTime::from_timestamp(time, 0).ok_or(Refusal::TimeMalformed)?;
    Ok(moment.to_rfc3339_opts(SecondsFormat::Secs, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for time in [0, 1_795_000_000, 4_102_444_799] {
            assert_eq!(parse(&format(time).unwrap()), Ok(time));
        }
        assert_eq!(parse("2026-11-23T10:00:00.123456789Z"), parse("2026-11-23T10:00:00Z"));
    }

    #[test]
    fn time_malformed() {
        for bad in [
            "",
            "Z",
            "2026-11-23T10:00:00",
            "2026-11-23 10:00:00Z",
            "2026-11-23T10:00:00+14:01",
            "2026-11-23T10:00:00+00:00Z",
            "2026-11-23T25:00:00Z",
            "2026-11-23T24:00:00Z",
            "2026-02-30T10:00:00Z",
            "2026-11-23T10:00:60Z",
            "10000-01-01T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "-001-01-01T00:00:00Z",
            "2026-11-23T10:00:00.Z",
            "2026-11-23T10:00:00.0123456789012345678901234567890123456789Z",
            "2026-11-23T10:00:00.1eZ",
            " 2026-11-23T10:00:00Z",
            "2026-11-23t10:00:00z",
            "２026-11-23T10:00:00Z",
        ] {
            assert_eq!(parse(bad), Err(Refusal::TimeMalformed), "{bad}");
        }
    }
}
