//! A session that begins: its cookies, and the way back to the page that was asked for.

use super::hand_over::first_bytes;
use super::reply::Reply;
use super::{Gate, rounds};
use crate::cookies::{self, FRAGMENT, LOGIN, SIGNED_OUT};
use crate::refusals::Refusal;
use crate::session::Session;

/// A session that begins.
#[derive(Debug)]
pub struct Begun {
    /// The answer, with its cookies.
    pub reply: Reply,
    /// How many groups it lost, where the cookies can't hold them.
    pub groups_dropped: Option<usize>,
}

/// How a sign-in of this browser came to its end.
pub(super) struct Came<'a> {
    /// Where it leads.
    pub(super) to: String,
    /// How many sign-ins for this page ended just before it began.
    pub(super) rounds: u8,
    /// The cookie that held its state.
    pub(super) login: Option<&'a str>,
    /// Whether another one may hold the fragment of that page's address.
    pub(super) keeps_fragment: bool,
}

impl Gate<'_> {
    /// Gives the browser its session, in place of any other and of the sign-in's state.
    pub(super) fn signed_in(
        &self,
        session: &Session,
        nonce: &[u8; 16],
        came: Came<'_>,
        cookie_header: &str,
    ) -> Result<Begun, Refusal> {
        let (set, groups_dropped) = self.seal(session, first_bytes(nonce))?;
        let Came { to, rounds, login, keeps_fragment } = came;
        let ended = rounds::ended(rounds, &to);
        let fragment = login.and_then(|name| name.strip_prefix(LOGIN));
        let fragment = fragment.map(|handle| format!("{FRAGMENT}{handle}"));
        let kept = fragment.as_deref().and_then(|name| cookies::fragment(cookie_header, name));
        let kept = kept.filter(|_| keeps_fragment).unwrap_or_default();
        // 303: the browser must not post the response on (RFC 9110 15.4.4).
        let mut reply = Reply::redirect(303, to + &kept);
        reply.set_cookies(cookies::clear(cookie_header, |name| {
            [Some(SIGNED_OUT), login, fragment.as_deref()].contains(&Some(name))
        }));
        // An identity provider's POST does not bring the session that was: all of it has to go.
        reply.set_cookies(cookies::clear_session_from(set.len()));
        reply.set_cookies(set.clone());
        reply.set_cookies([ended]);
        Ok(Begun { reply, groups_dropped })
    }

    /// Seals a session that begins. If it does not fit into the cookies, it keeps of the groups
    /// those that a policy of this host names: no other changes an answer. With it, how many it lost.
    fn seal(
        &self,
        session: &Session,
        nonce: [u8; 12],
    ) -> Result<(Vec<String>, Option<usize>), Refusal> {
        let (keys, host) = (&self.deployment.seal, &self.application.host);
        match session.seal(keys, host, nonce, self.now) {
            Err(Refusal::SessionTooLarge) => {
                let names = |group: &str| self.application.names_group(group);
                let (cut, lost) = session.cut_to(names, self.application.groups_digest());
                Ok((cut.seal(keys, host, nonce, self.now)?, Some(lost)))
            }
            set => Ok((set?, None)),
        }
    }
}
