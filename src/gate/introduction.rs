//! What tells the application who asks: headers, made once for many requests.

use std::borrow::Cow;
use std::rc::Rc;

use super::Gate;
use crate::bounded::Bounded;
use crate::caller::Caller;
use crate::headers;
use crate::identity::UnixTime;
use crate::refusals::Refusal;
use crate::statement::Statement;

/// Headers that only a gate may set.
#[derive(Debug)]
pub struct Introduction {
    /// Names and values.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// How many of the person's groups they leave out, if any.
    pub untold: Option<usize>,
    made: UnixTime,
}

/// Introductions by [`Caller::key`]. They belong to one state of the documents.
pub(super) struct Introductions(Bounded<Rc<Introduction>>);

/// Bytes of headers that are remembered: of some hundred sessions.
const REMEMBERED: usize = 256 * 1024;

impl Default for Introductions {
    fn default() -> Self {
        Introductions(Bounded::new(REMEMBERED))
    }
}

/// Seconds for which one is good: about as long as the documents, and less than what is left of an
/// assertion when it is given out.
const SECONDS: i64 = 60;

impl Gate<'_> {
    /// Introduces a caller to the application.
    pub(super) fn introduce(&self, caller: Caller<'_>) -> Result<Rc<Introduction>, Refusal> {
        let key = caller.key();
        let good = |known: &Introduction| {
            (known.made..known.made.saturating_add(SECONDS)).contains(&self.now)
        };
        let mut introductions = self.application.introductions.borrow_mut();
        if let Some(known) = introductions.0.get(&key).filter(|known| good(known)) {
            return Ok(Rc::clone(known));
        }
        let (deployment, policy) = (self.deployment, &self.application.policy);
        let statement = Statement::new(caller, policy)?;
        let assertion = deployment.remembered.borrow_mut().assertions.get_or_sign(
            &deployment.sign,
            &self.application.base,
            &statement,
            self.now,
        )?;
        let headers = headers::identity(&statement, &assertion, policy.headers());
        let length = headers.iter().map(|(name, value)| name.len().saturating_add(value.len()));
        let length = length.fold(key.len(), usize::saturating_add);
        let made = Rc::new(Introduction { headers, untold: statement.untold(), made: self.now });
        introductions.0.insert(key, Rc::clone(&made), length);
        Ok(made)
    }
}
