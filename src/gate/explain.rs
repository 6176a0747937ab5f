//! How a request would be decided, and why: for those whom the policy names.

use serde_json::json;

use super::asked::is_shown;
use super::reply::Reply;
use super::{Asked, Gate, Refused, Target};
use crate::identity::{Email, Facts};
use crate::limits;
use crate::pages::{Explained, Question, Whose};
use crate::policy::{CanonicalPath, METHODS, Who, explain};
use crate::refusals::Refusal;
use crate::session::Session;

impl Gate<'_> {
    /// The page with the question and, where one is asked, the answer; or JSON. For all whom the
    /// policy does not name there is no such page.
    pub(super) fn explain(
        &self,
        asked: &dyn Asked,
        target: &Target,
        session: Option<&Session>,
    ) -> Result<Reply, Refused> {
        let whence = asked.whence();
        let policy = &self.application.policy;
        let here = self.request(asked.method(), &target.path, &whence);
        let session = session.filter(|session| policy.may_explain(&here, session.subject()));
        let subject = session.ok_or(Refusal::NoSuchPage)?.subject();

        let question = question(target);
        let email = Some(question.email.trim()).filter(|email| !email.is_empty());
        let email = email.filter(|_| question.whose == Whose::Somebodys);
        let email = email.map(Email::parse).transpose();
        let path = Some(question.path.as_str()).filter(|path| !path.is_empty());
        let path = path.map(CanonicalPath::parse).transpose();
        let explained = match (path, email) {
            (Ok(None), _) => Explained::Nothing,
            (Err(refusal), _) | (_, Err(refusal)) => Explained::Refused(refusal),
            (Ok(Some(path)), Ok(email)) => {
                let somebody = self.somebody(&question, email);
                let who = match question.whose {
                    Whose::Mine => Who::Person(subject),
                    Whose::Somebodys => Who::Person(&somebody),
                    Whose::Nobodys => Who::Nobody,
                };
                let request = self.request(question.method, &path, &whence);
                Explained::Answer(Box::new(explain(policy, &request, who)))
            }
        };
        if is_shown(asked) {
            let idps = self.application.idps().iter().map(|idp| (&*idp.id, &*idp.name)).collect();
            let page = self.pages(asked).explain(subject.shown(), idps, &question, &explained);
            return Ok(Reply::page(200, page));
        }
        match explained {
            Explained::Nothing => Err(Refusal::PathNotAbsolute.into()),
            Explained::Refused(refusal) => Err(refusal.into()),
            Explained::Answer(explanation) => {
                let json = json!({ "host": self.application.host, "method": question.method,
                    "path": question.path, "explanation": explanation });
                Ok(Reply::json(200, &json))
            }
        }
    }

    /// Somebody who has just signed in, with what the question says of them.
    fn somebody(&self, question: &Question, email: Option<Email>) -> Facts {
        let idps = self.application.policy.idps();
        let idp = idps.iter().find(|idp| **idp == question.idp).or_else(|| idps.first());
        Facts {
            idp: idp.cloned().unwrap_or_default(),
            email,
            groups: question.groups().take(limits::GROUPS).map(str::to_owned).collect(),
            signed_in_at: self.now,
            ..Facts::default()
        }
    }
}

fn question(target: &Target) -> Question {
    let text = |name: &str| target.parameter(name).unwrap_or_default();
    let method = text("method");
    let path = text("path");
    Question {
        // A link that was copied has more than the path.
        path: path.split(['?', '#']).next().unwrap_or_default().to_owned(),
        method: METHODS.iter().find(|known| **known == method).copied().unwrap_or("GET"),
        whose: match text("as").as_str() {
            "somebody" => Whose::Somebodys,
            "nobody" => Whose::Nobodys,
            _ => Whose::Mine,
        },
        email: text("email"),
        groups: text("groups"),
        idp: text("idp"),
    }
}
