//! A request on its way to the origin. It takes a [`Granted`] to make one.

use std::rc::Rc;

use super::asked::{Asked, Target};
use super::introduction::Introduction;
use crate::identity::ToldHeader;
use crate::policy::Granted;
use crate::records::Decided;
use crate::{cookies, headers};

/// What has to be done to a request before the origin gets it. Method, body and all other headers
/// stay as they are.
#[derive(Debug)]
pub struct Forward {
    /// Where it goes.
    pub url: String,
    /// Headers to take away.
    pub remove: Vec<String>,
    /// Who asks, if the application is told. Then the answer may be for this person alone, and no
    /// cache may give it to others.
    pub introduction: Option<Rc<Introduction>>,
    /// What is left of the `Cookie` header, where some of it is ours.
    pub cookie: Option<String>,
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
        introduction: Option<Rc<Introduction>>,
        told: &[ToldHeader],
        decided: Decided,
    ) -> Self {
        let names = asked.header_names();
        let connection = asked.header("connection");
        let withheld = headers::withheld(names.into_iter(), connection.as_deref(), told);
        let mut remove: Vec<String> = withheld.into_iter().map(str::to_owned).collect();
        let mut cookie = None;
        if let Some(header) = asked.header("cookie")
            && header.contains(cookies::SESSION)
        {
            cookie = cookies::for_origin(&header);
            if cookie.is_none() {
                remove.push("cookie".to_owned());
            }
        }
        let path = granted.path().as_str();
        let url = match &target.query {
            Some(query) => [origin, path, "?", query].concat(),
            None => [origin, path].concat(),
        };
        Forward { url, remove, introduction, cookie, set_cookies: Vec::new(), decided }
    }

    /// Names and values of the headers to set, after those are gone that are to be removed.
    pub fn set(&self) -> Vec<(&str, &str)> {
        let introduction = self.introduction.iter().flat_map(|told| &told.headers);
        let told = introduction.map(|(name, value)| (name.as_ref(), value.as_str()));
        told.chain(self.cookie.iter().map(|kept| ("cookie", kept.as_str()))).collect()
    }
}
