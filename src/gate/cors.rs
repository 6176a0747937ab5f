//! Requests of scripts of another origin (Fetch 3.2).

use super::{Asked, Gate, Own, Reply};
use crate::policy::{self, Asker, Cors, CorsAnswer, Decision, Policy, Request, preflight};

/// What a script of another origin may read of our answers besides their body.
const EXPOSED: &str = "www-authenticate, x-access-gate";

/// The method of the request that a preflight announces. Only that makes an OPTIONS a preflight.
pub(super) fn announced(asked: &dyn Asked) -> Option<String> {
    let is_options = asked.method() == "OPTIONS" && asked.header("origin").is_some();
    is_options.then(|| asked.header("access-control-request-method")).flatten()
}

impl Gate<'_> {
    /// The answer to a preflight, where the document has the gate answer those of its origin.
    pub(super) fn preflight(&self, asked: &dyn Asked) -> Option<Own> {
        let mut reply = Reply::empty(204);
        let Cors::Answer(answer) = self.application.policy.cors() else { return None };
        reply.headers.extend(self.to_scripts(asked)?);
        let listed = [
            ("access-control-allow-methods", &answer.methods),
            ("access-control-allow-headers", &answer.headers),
        ];
        let listed = listed.into_iter().filter(|(_, values)| !values.is_empty());
        reply.headers.extend(listed.map(|(name, values)| (name, values.join(", "))));
        let max_age = answer.max_age.map(|seconds| ("access-control-max-age", seconds.to_string()));
        reply.headers.extend(max_age);
        Some(Own::Ready(reply))
    }

    /// Headers by which scripts of a listed origin may read an answer of ours.
    pub(super) fn to_scripts(&self, asked: &dyn Asked) -> Option<Vec<(&'static str, String)>> {
        let Cors::Answer(CorsAnswer { origins, credentials, .. }) = self.application.policy.cors()
        else {
            return None;
        };
        let origin = asked.header("origin").filter(|origin| origins.contains(origin))?;
        let mut headers = vec![
            ("access-control-allow-origin", origin),
            ("access-control-expose-headers", EXPOSED.to_owned()),
            ("cross-origin-resource-policy", "cross-origin".to_owned()),
            ("vary", "Origin".to_owned()),
        ];
        if *credentials {
            headers.push(("access-control-allow-credentials", "true".to_owned()));
        }
        Some(headers)
    }
}

/// The decision; of a preflight that passes, that of the request which it announces.
pub(super) fn decide(
    policy: &Policy,
    request: &Request<'_>,
    asker: Asker<'_>,
    announced: Option<&str>,
) -> Decision {
    match announced.filter(|_| *policy.cors() == Cors::Pass) {
        Some(method) => preflight(policy, &Request { method, ..*request }),
        None => policy::decide(policy, request, asker),
    }
}
