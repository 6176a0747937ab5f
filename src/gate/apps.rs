//! The applications that a person may open.

use serde_json::json;

use super::asked::is_shown;
use super::reply::{Own, Reply};
use super::{Asked, Gate, Refused, Target};
use crate::pages::App;
use crate::policy::{CanonicalPath, Decision, Policy, decide};
use crate::refusals::Refusal;
use crate::session::Session;

/// Letters of a search that count.
const SEARCH: usize = 60;

impl Gate<'_> {
    /// Lists this application and those of `documents`, each under its host, as far as who is signed
    /// in may open the page at which they begin: a page, or JSON.
    pub fn apps(
        &self,
        asked: &dyn Asked,
        target: &Target,
        session: &Session,
        documents: &[(String, Policy)],
    ) -> Result<Own, Refused> {
        let search = target.parameter("q").unwrap_or_default();
        let search: String = search.trim().chars().take(SEARCH).collect();
        let own = (&self.application.host, &self.application.policy);
        let others = documents.iter().map(|(host, policy)| (host, policy));
        let mut apps = Vec::new();
        for (host, policy) in [own].into_iter().chain(others) {
            if self.may_open(policy, asked, session)? {
                apps.push(self.app(host, policy));
            }
        }
        let reply = if is_shown(asked) {
            let person = session.subject().shown();
            Reply::page(200, self.pages(asked).apps(person, &apps, &search))
        } else {
            let app = |app: &App<'_>| json!({ "name": app.look.name, "about": app.look.about, "url": app.url });
            let found = apps.iter().filter(|app| app.fits(&search));
            Reply::json(200, &found.map(app).collect())
        };
        Ok(Own::Ready(reply))
    }

    fn may_open(
        &self,
        policy: &Policy,
        asked: &dyn Asked,
        session: &Session,
    ) -> Result<bool, Refusal> {
        let subject = session.subject();
        if !policy.idps().contains(&subject.idp) {
            return Ok(false);
        }
        let start = start(policy)?;
        let whence = asked.whence();
        let request = self.request("GET", &start, &whence);
        Ok(!matches!(decide(policy, &request, Some(subject)), Decision::Refused(_)))
    }

    fn app<'a>(&self, host: &'a str, policy: &'a Policy) -> App<'a> {
        let start = policy.look().start.as_ref().map_or("/", CanonicalPath::as_str);
        App { host, look: policy.look(), url: format!("{}{start}", self.deployment.base_of(host)) }
    }
}

fn start(policy: &Policy) -> Result<CanonicalPath, Refusal> {
    policy.look().start.clone().map_or_else(|| CanonicalPath::parse("/"), Ok)
}
