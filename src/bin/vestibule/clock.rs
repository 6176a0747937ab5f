//! Time, which only the edges of the program know.

use chrono::DateTime;
use vestibule::identity::UnixTime;

/// The time of this computer.
#[allow(clippy::disallowed_methods)]
pub fn now() -> UnixTime {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.ok().and_then(|since| since.as_secs().try_into().ok()).unwrap_or_default()
}

/// Reads a time as RFC 3339 writes it: 2026-11-23T12:00:00Z.
pub fn read(text: &str) -> Result<UnixTime, String> {
    let time = DateTime::parse_from_rfc3339(text).map_err(|error| error.to_string())?;
    Ok(time.timestamp())
}

/// Writes a time so.
pub fn write(time: UnixTime) -> String {
    DateTime::from_timestamp(time, 0)
        .map(|t| t.format("%Y-%m-%dT%H:%M:%SZ").to_string())
        .unwrap_or_default()
}
