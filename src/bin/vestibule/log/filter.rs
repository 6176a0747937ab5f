//! Which lines are wanted.

use clap::Args;
use vestibule::identity::UnixTime;
use vestibule::policy::read_duration;

use crate::clock;
use crate::recorded::Recorded;

/// All that is given must hold.
#[derive(Args)]
pub struct Filter {
    /// Only lines about this person or service, such as alice@example.com or service/backup
    #[arg(long)]
    person: Option<String>,
    /// Only lines about this host
    #[arg(long)]
    host: Option<String>,
    /// Only requests for this path and what is below it
    #[arg(long)]
    path: Option<String>,
    /// Only refusals with this code
    #[arg(long)]
    code: Option<String>,
    /// Only this event, such as refused or signed-in
    #[arg(long)]
    event: Option<String>,
    /// Only lines from this time on, such as 2026-11-23T12:00:00Z, or of the last 30m, 2h or 7d
    #[arg(long, value_parser = since)]
    since: Option<Since>,
}

#[derive(Clone, Copy)]
enum Since {
    Time(UnixTime),
    Seconds(i64),
}

fn since(written: &str) -> Result<Since, String> {
    match read_duration(written) {
        Some(seconds) => Ok(Since::Seconds(seconds)),
        None => clock::read(written).map(Since::Time),
    }
}

impl Filter {
    /// The time from which on lines are wanted.
    pub fn since(&self, now: UnixTime) -> UnixTime {
        match self.since {
            Some(Since::Time(time)) => time,
            Some(Since::Seconds(seconds)) => now.saturating_sub(seconds),
            None => UnixTime::MIN,
        }
    }

    pub fn takes(&self, recorded: &Recorded, since: UnixTime) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found.is_some_and(|found| same(wanted, found)))
        };
        is(&self.person, recorded.person.as_deref())
            && is(&self.host, recorded.host.as_deref())
            && is(&self.code, recorded.code.as_deref())
            && is(&self.event, Some(&recorded.event))
            && self
                .path
                .as_deref()
                .is_none_or(|path| recorded.path.as_deref().is_some_and(|found| below(path, found)))
            && recorded.time >= since
    }
}

/// Addresses and hosts are the same in any case.
fn same(wanted: &str, found: &str) -> bool {
    wanted.eq_ignore_ascii_case(found)
}

fn below(path: &str, found: &str) -> bool {
    let path = path.strip_suffix("/**").unwrap_or(path).trim_end_matches('/');
    found.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
