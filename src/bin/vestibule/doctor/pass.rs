//! Whether anything passes the gate that should not.

use vestibule::gate::Target;
use vestibule::identity::ToldHeader;
use vestibule::policy::{Policy, Request, Verdict, Who, explain};

use super::Patient;
use super::finding::Finding;
use super::gate::{code, get, told};
use crate::sign_in;

/// Who nobody is.
const FORGED: &str = "vestibule-doctor-forged";
/// A header that the gate lets through, which shows that a page shows headers.
const PROBE: (&str, &str) = ("X-Vestibule-Doctor", "vestibule-doctor-probe");
/// Headers that applications take for an identity, in the spellings that servers take for one.
const IDENTITY: &[&str] = &[
    "X-Access-Subject",
    "X-Access-Email",
    "X-Access-Groups",
    "X-Access-Jwt",
    "X_Access_Email",
    "x-access_email",
    "Cf-Access-Authenticated-User-Email",
    "Cf-Access-Jwt-Assertion",
    "X-Auth-Request-Email",
    "X-Forwarded-User",
    "Remote-User",
];

/// Everything that is asked without a session.
pub fn examine(patient: &Patient) -> Vec<Finding> {
    let path = protected(patient);
    let bare = refuses(patient, "sign-in", &path, &[], "without a session");
    let told = patient.policy().map(Policy::headers).unwrap_or_default();
    let own = told.iter().map(|ToldHeader { name, .. }| name.as_str());
    let names: Vec<&str> = IDENTITY.iter().copied().chain(own).collect();
    let forged: Vec<(&str, &str)> = names.iter().map(|name| (*name, FORGED)).collect();
    let spoofed = refuses(patient, "forged-headers", &path, &forged, "with forged headers");
    vec![bare, spoofed, coverage(patient), echoed(patient, &names)]
}

/// What the policy says of a path to nobody.
fn verdict(policy: &Policy, patient: &Patient, path: &str) -> Option<Verdict> {
    let target = Target::parse(&patient.at(path)).ok()?;
    let request = Request::new("GET", &target.path, patient.now);
    Some(explain(policy, &request, Who::Nobody).verdict)
}

/// A path that asks for a sign-in: the one that was named, the start, or one of a rule.
fn protected(patient: &Patient) -> String {
    let start = || "/".to_owned();
    if let Some(path) = &patient.path {
        return path.clone();
    }
    let Some(policy) = patient.policy() else { return start() };
    let paths = policy.rules().iter().map(|rule| sign_in::example(rule.pattern().as_str()));
    let mut paths = std::iter::once(start()).chain(paths);
    let asks = |path: &String| verdict(policy, patient, path) == Some(Verdict::SignIn);
    paths.find(asks).unwrap_or_else(start)
}

fn refuses(
    patient: &Patient,
    check: &'static str,
    path: &str,
    headers: &[(&str, &str)],
    how: &str,
) -> Finding {
    let got = match get(patient, path, headers) {
        Ok(got) => got,
        Err(why) => return Finding::bad(check, why, "Look at the Worker's log."),
    };
    match (got.status, code(&got)) {
        (401, Some("sign-in-needed")) => {
            Finding::good(check, format!("{path} asks for a sign-in {how}"))
        }
        (500.., Some(code)) => {
            let says = format!("{path} answers {}", told(&got));
            Finding::bad(check, says, format!("Nobody gets in: see {code} in docs/refusals.md."))
        }
        (_, Some(_)) => Finding::good(check, format!("{path} answers {how} {}", told(&got))),
        (_, None) => {
            let public = patient.policy().and_then(|policy| verdict(policy, patient, path));
            if public == Some(Verdict::Allow) {
                let why = format!("{path} is public by the policy");
                return Finding::unknown(check, why, "Say --path, with one that is not.");
            }
            let says = format!("{path} answers {} {how}, and not by the gate", got.status);
            let remedy = "The request goes around the gate, or the policy lets everybody in: look \
                at the DNS record, the route and vestibule policy explain.";
            Finding::bad(check, says, remedy)
        }
    }
}

/// Paths of several kinds that no application has: the gate answers, or else the policy says that
/// everybody may ask.
fn coverage(patient: &Patient) -> Finding {
    const CHECK: &str = "coverage";
    let mark = patient.now;
    let paths = ["", "/a.js", "/b/c.php", "/.well-known/d", "/%65"];
    let mut public = 0_usize;
    for path in paths.map(|end| format!("/vestibule-doctor-{mark}{end}")) {
        let got = match get(patient, &path, &[]) {
            Ok(got) => got,
            Err(why) => return Finding::bad(CHECK, why, "Look at the Worker's log."),
        };
        if code(&got).is_some() {
            continue;
        }
        match patient.policy().map(|policy| verdict(policy, patient, &path)) {
            Some(Some(Verdict::Allow)) => public = public.saturating_add(1),
            Some(_) => {
                let says = format!("{path} answers {}", told(&got));
                let remedy = "The route leaves it out, or the gate has another policy.";
                return Finding::bad(CHECK, says, remedy);
            }
            None => {
                let why = format!("{path} went to the application, and no policy is known here");
                return Finding::unknown(CHECK, why, "Say --policy, --local or --remote.");
            }
        }
    }
    match public {
        0 => Finding::good(CHECK, "the gate answers wherever it was asked"),
        _ => Finding::good(CHECK, "what reached the application is public by the policy"),
    }
}

/// Forged headers on a way to the application that is open to everybody.
fn echoed(patient: &Patient, names: &[&str]) -> Finding {
    const CHECK: &str = "spoofed-headers";
    let Some(path) = &patient.echo else {
        let why = "what the application gets is not seen from here";
        let remedy = "Say --echo, with a public path that shows the headers it got.";
        return Finding::unknown(CHECK, why, remedy);
    };
    let seen = |headers: &[(&str, &str)]| get(patient, path, headers).map(|got| got.text());
    let forged: Vec<(&str, &str)> =
        names.iter().map(|name| (*name, FORGED)).chain([PROBE]).collect();
    match seen(&forged) {
        Err(why) => Finding::bad(CHECK, why, "Look at the Worker's log."),
        Ok(body) if !body.contains(PROBE.1) => {
            let why = format!("{path} does not show the headers that it got");
            Finding::unknown(CHECK, why, "Say --echo, with a public path that does.")
        }
        Ok(body) if body.contains(FORGED) => {
            let passes = |name: &&&str| seen(&[(**name, FORGED)]).is_ok_and(|b| b.contains(FORGED));
            let named: Vec<&str> = names.iter().filter(passes).copied().collect();
            let says = format!("forged headers reach the application: {}", named.join(", "));
            let remedy = "The request goes around the gate, or something behind it sets them.";
            Finding::bad(CHECK, says, remedy)
        }
        Ok(_) => Finding::good(CHECK, "forged headers don't reach the application"),
    }
}
