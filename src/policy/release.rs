//! The release of a document: what `vestibule publish` writes into it.

use serde::Serialize;

use super::reader::{Node, Reader};
use super::rules::optional;
use super::{Policy, time};
use crate::identity::UnixTime;
use crate::limits;

pub(super) const RELEASE: &[&str] = &["number", "digest", "author", "time", "note"];

/// Which release of a document this is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Release {
    /// Counted from 1.
    pub number: u32,
    /// SHA-256 of the document without its release, in hexadecimal.
    pub digest: String,
    /// Who published it.
    pub author: String,
    /// When.
    pub time: UnixTime,
    /// What the author said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How long KV may give an old document after a new one, in seconds. It promises a minute as a rule,
/// and no bound.
const SETTLED: i64 = 3_600;

impl Policy {
    /// Whether this is an earlier release of a document than one that was seen before and is so new
    /// that the store may not know it everywhere. To go back is a release of its own.
    pub fn is_old_copy_of(&self, known: &Policy, now: UnixTime) -> bool {
        let (Some(read), Some(newest)) = (self.release(), known.release()) else { return false };
        let one_history = self.hosts().iter().any(|host| known.hosts().contains(host));
        let age = now.saturating_sub(newest.time);
        let is_new = (-limits::CLOCK_SKEW_SECONDS..SETTLED).contains(&age);
        one_history && is_new && read.number < newest.number
    }
}

pub(super) fn read<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<Release> {
    let members = r.object(node, RELEASE)?;
    let number = r.required(&members, "number").and_then(|node| r.number(node));
    let digest = r.required(&members, "digest").and_then(|node| read_digest(r, node));
    let author = r.required(&members, "author").and_then(|node| r.text(node));
    let time = r.required(&members, "time").and_then(|node| read_time(r, node));
    let note = optional(&members, "note", |node| r.text(node));
    Some(Release { number: number?, digest: digest?, author: author?, time: time?, note: note? })
}

fn read_digest<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<String> {
    let digest = r.string(node)?;
    let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_digest {
        r.fault(node, "64 hexadecimal digits");
        return None;
    }
    Some(digest)
}

fn read_time<'a>(r: &mut Reader<'a>, node: &Node<'a>) -> Option<UnixTime> {
    let instant = time::read_instant(&r.string(node)?);
    if instant.is_none() {
        r.fault(node, time::DATE);
    }
    instant
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(host: &str, number: u32, time: &str) -> Policy {
        let digest = "0".repeat(64);
        let release =
            serde_json::json!({ "number": number, "digest": digest, "author": "a", "time": time });
        let document = serde_json::json!({ "name": "T", "hosts": [host], "sign_in": { "idps": ["i"] },
            "rules": [{ "path": "/", "public": true }], "release": release });
        Policy::from_json(&document.to_string()).unwrap()
    }

    #[test]
    fn an_earlier_release_is_an_old_copy_while_the_newer_one_is_new() {
        let published = time::read_instant("2026-11-24T12:00:00Z").unwrap();
        let newest = document("a.example.com", 7, "2026-11-24T12:00:00Z");
        let old = |read: &Policy, seconds| read.is_old_copy_of(&newest, published + seconds);
        let earlier = document("a.example.com", 6, "2026-11-24T11:00:00Z");
        for (seconds, is_old) in
            [(-61, false), (-60, true), (0, true), (3_599, true), (3_600, false)]
        {
            assert_eq!(old(&earlier, seconds), is_old, "{seconds}");
        }
        assert!(!old(&newest, 0));
        assert!(!old(&document("a.example.com", 8, "2026-11-24T11:00:00Z"), 0));
        // The document of a wildcard has a history of its own.
        assert!(!old(&document("*.example.com", 1, "2026-11-24T11:00:00Z"), 0));
    }
}
