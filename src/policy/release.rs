//! The release of a document: what `vestibule publish` writes into it.

use serde::Serialize;

use super::reader::{Node, Reader};
use super::rules::optional;
use super::time;
use crate::identity::UnixTime;

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
