//! A request on its way to the origin. It takes a [`Granted`] to make one.

use std::borrow::Cow;

use super::asked::{Asked, Target};
use crate::identity::ToldHeader;
use crate::policy::Granted;
use crate::records::Decided;
use crate::statement::Statement;
use crate::{cookies, headers};

/// What has to be done to a request before the origin gets it. Method, body and all other headers
/// stay as they are.
#[derive(Debug)]
pub struct Forward {
    /// Where it goes.
    pub url: String,
    /// Headers to take away.
    pub remove: Vec<String>,
    /// Headers to set, after those are gone.
    pub set: Vec<(Cow<'static, str>, String)>,
    /// Whether the answer may be for this person alone, so that no cache may give it to others.
    pub personal: bool,
    /// `Set-Cookie` values for the answer.
    pub set_cookies: Vec<String>,
    /// What was decided, for the log.
    pub decided: Decided,
}

impl Forward {
    pub(super) fn new(
        granted: &Granted,
        origin: &str,
        target: &Target,
        asked: &dyn Asked,
        identity: Option<(Statement<'_>, String)>,
        told: &[ToldHeader],
        decided: Decided,
    ) -> Self {
        let query = target.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        let names = asked.header_names();
        let connection = asked.header("connection");
        let withheld =
            headers::withheld(names.iter().map(String::as_str), connection.as_deref(), told);
        let mut remove: Vec<String> = withheld.into_iter().map(str::to_owned).collect();
        let personal = identity.is_some();
        let mut set = match identity {
            Some((statement, assertion)) => headers::identity(&statement, &assertion, told),
            None => Vec::new(),
        };
        if let Some(header) = asked.header("cookie")
            && header.contains(cookies::SESSION)
        {
            match cookies::for_origin(&header) {
                Some(kept) => set.push(("cookie".into(), kept)),
                None => remove.push("cookie".to_owned()),
            }
        }
        let path = granted.path().as_str();
        let (url, set_cookies) = (format!("{origin}{path}{query}"), Vec::new());
        Forward { url, remove, set, personal, set_cookies, decided }
    }
}
