//! How old what an isolate remembers of the store may be.

use crate::identity::UnixTime;

/// Seconds for which KV itself may give an old value: the least that it can be asked for.
pub const STORE_CACHE: u32 = 30;

/// When something is read again.
#[derive(Clone, Copy, Debug)]
pub struct Freshness {
    /// In the background, after this many seconds …
    stale: i64,
    /// … and before it decides anything, after this many.
    too_old: i64,
}

impl Freshness {
    /// Of policies, identity providers and services.
    pub const DOCUMENTS: Self = Freshness { stale: 30, too_old: 60 };
    /// Of what is over before its time: with [`STORE_CACHE`] less than a minute.
    pub const REVOCATIONS: Self = Freshness { stale: 20, too_old: 25 };
}

/// Something that was read, and when.
#[derive(Clone, Debug)]
pub struct Kept<T> {
    value: T,
    read_at: UnixTime,
    /// When somebody began to read it again.
    renewed_at: UnixTime,
}

/// What is to be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Age<T> {
    /// Take it.
    Fresh(T),
    /// Take it, and read it again in the background.
    Renew(T),
    /// Read it again first. If that fails, this was good last.
    TooOld(T),
}

impl<T: Clone> Kept<T> {
    /// Remembers what was read; `now` is from before it was.
    pub fn new(value: T, now: UnixTime) -> Self {
        Kept { value, read_at: now, renewed_at: now }
    }

    /// What is to be done about it. Whoever is told to renew it is the only one for a while.
    pub fn age(&mut self, freshness: Freshness, now: UnixTime) -> Age<T> {
        let value = self.value.clone();
        let is_within =
            |since: UnixTime, seconds| (0..seconds).contains(&now.saturating_sub(since));
        if !is_within(self.read_at, freshness.too_old) {
            return Age::TooOld(value);
        }
        if is_within(self.renewed_at, freshness.stale) {
            return Age::Fresh(value);
        }
        self.renewed_at = now;
        Age::Renew(value)
    }

    /// What was read.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Makes it too old.
    pub fn expire(&mut self) {
        self.read_at = UnixTime::MIN;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_again_by_one_and_then_by_all() {
        let mut kept = Kept::new("x", 100);
        let mut age = |now| kept.age(Freshness { stale: 20, too_old: 25 }, now);
        assert_eq!(age(100), Age::Fresh("x"));
        assert_eq!(age(119), Age::Fresh("x"));
        assert_eq!(age(120), Age::Renew("x"));
        assert_eq!(age(121), Age::Fresh("x"));
        // Reading it in the background has failed.
        assert_eq!(age(125), Age::TooOld("x"));
        assert_eq!(age(126), Age::TooOld("x"));
        // A clock that was set back says nothing of its age.
        assert_eq!(age(99), Age::TooOld("x"));
        kept.expire();
        assert_eq!(kept.age(Freshness::DOCUMENTS, 101), Age::TooOld("x"));
    }

    /// Whenever a stamp is written, and whenever requests come, KV is asked and its cache is
    /// filled: a minute later no decision goes without it.
    #[test]
    fn a_revocation_is_in_force_within_a_minute() {
        let cache = i64::from(STORE_CACHE);
        let mut random = 1_u32;
        let mut next = move |bound: i64| {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            i64::from(random) % bound
        };
        let mut latest = 0;
        for _ in 0..2_000 {
            let (written, pace) = (500 + next(100), 1 + next(40));
            // KV's cache at this place, and what the isolate keeps of it.
            let (mut cached, mut kept) = ((false, i64::MIN), None::<Kept<bool>>);
            let mut now = next(pace);
            while now < 800 {
                let mut read = |now: i64| {
                    if now - cache >= cached.1 {
                        cached = (now >= written, now);
                    }
                    cached.0
                };
                let seen = match kept.as_mut().map(|kept| kept.age(Freshness::REVOCATIONS, now)) {
                    Some(Age::Fresh(seen)) => seen,
                    Some(Age::Renew(seen)) => {
                        // Now and then the background gets nothing done.
                        if next(3) > 0 {
                            kept = Some(Kept::new(read(now), now));
                        }
                        seen
                    }
                    _ => {
                        let seen = read(now);
                        kept = Some(Kept::new(seen, now));
                        seen
                    }
                };
                if !seen && now >= written {
                    latest = latest.max(now - written);
                }
                now += 1 + next(pace);
            }
        }
        assert!((30..60).contains(&latest), "{latest} s");
    }
}
