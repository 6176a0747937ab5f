//! What the store holds.

use vestibule::saml::idp::IdentityProvider;

use super::Patient;
use super::finding::Finding;
use crate::policies::Document;
use crate::releases::{Live, Stored};

const SAY: &str = "Say --remote, or --local for the gate of this computer.";

/// Whether what is in force is what the file says. Gives what is in force too.
pub fn release(
    host: &str,
    local: Option<&Document>,
    found: Option<Live>,
) -> (Vec<Finding>, Option<Stored>) {
    const CHECK: &str = "release";
    let publish = "Publish the file, or take up what is live: vestibule policy diff.";
    let finding = |finding, live| (vec![finding], live);
    let live = match found {
        None => return finding(Finding::unknown(CHECK, "the store was not asked", SAY), None),
        Some(Live::Nothing) => {
            let says = format!("nothing is stored as app/{host}");
            return finding(
                Finding::bad(CHECK, says, "Publish a policy: vestibule publish."),
                None,
            );
        }
        Some(Live::Unusable) => {
            let says = format!("app/{host} in the store can't be read");
            let remedy = "Go back to the last release: vestibule rollback.";
            return finding(Finding::bad(CHECK, says, remedy), None);
        }
        Some(Live::Document(live)) => *live,
    };
    let number = live.number();
    let Some(local) = local else {
        let why = format!("release {number} is live, and no document here is for {host}");
        return finding(Finding::unknown(CHECK, why, "Say --policy."), Some(live));
    };
    let one = match Stored::read(&local.text) {
        _ if !live.is_as_published() => {
            let says = format!("app/{host} was changed by hand since release {number}");
            Finding::bad(CHECK, says, publish)
        }
        Ok(file) if file.digest() == live.digest() => {
            Finding::good(CHECK, format!("release {number} is live, and is what the file says"))
        }
        _ => {
            let says = format!("release {number} is live, and the file says something else");
            Finding::bad(CHECK, says, publish)
        }
    };
    finding(one, Some(live))
}

/// The identity providers that the policy names: whether they are stored, and how long their
/// certificates last.
pub fn identity_providers(patient: &Patient) -> Result<Vec<Finding>, String> {
    const CHECK: &str = "identity-provider";
    let Some(store) = &patient.store else {
        return Ok(vec![Finding::unknown(CHECK, "the store was not asked", SAY)]);
    };
    let mut findings = Vec::new();
    for id in patient.policy().map(|policy| policy.idps()).unwrap_or_default() {
        let Some(text) = store.get(&format!("idp/{id}"))? else {
            let says = format!("nothing is stored as idp/{id}, which the policy names");
            findings.push(Finding::bad(CHECK, says, "Store it: vestibule idp add."));
            continue;
        };
        findings.push(match IdentityProvider::from_json(id, &text) {
            Ok(idp) => lasts(&idp, patient.now),
            Err(refusal) => {
                let says =
                    format!("idp/{id} can't be used: {} ({})", refusal.cause(), refusal.code());
                Finding::bad(CHECK, says, refusal.remedy())
            }
        });
    }
    Ok(findings)
}

fn lasts(idp: &IdentityProvider, now: i64) -> Finding {
    const CHECK: &str = "identity-provider";
    let due: Vec<String> = idp
        .warnings(now)
        .iter()
        .filter(|warning| warning.is_due())
        .map(ToString::to_string)
        .collect();
    if !due.is_empty() {
        let remedy = "Store its new metadata: vestibule idp add.";
        return Finding::bad(CHECK, format!("{}: {}", idp.id, due.join(" ")), remedy);
    }
    let ends = idp.metadata.certificates.iter().map(|certificate| certificate.not_after);
    let days = ends.min().map(|end| end.saturating_sub(now).div_euclid(86_400));
    Finding::good(CHECK, format!("{}: its certificate ends in {} days", idp.id, days.unwrap_or(0)))
}
