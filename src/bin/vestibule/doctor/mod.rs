//! `vestibule doctor`: what an administrator should know about a gate at work.

mod finding;
mod gate;
mod keys;
mod origin;
mod pass;
mod stored;
mod worker;

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use vestibule::identity::UnixTime;
use vestibule::policy::Policy;
use vestibule::web_url::WebUrl;

use crate::policies::{self, Document};
use crate::releases;
use crate::store::{Place, Store};
use crate::{Answer, clock, paint};
use finding::{Finding, Outcome};

#[derive(Args)]
#[command(after_help = "Examples:
  vestibule doctor https://app.example.com --remote --origin https://203.0.113.7
  vestibule doctor http://localhost:8787 --local --echo /assets/echo

Ends with 0 where nothing bad was found, and with 1 where something was. What could not be known
does not count.")]
pub struct Arguments {
    /// The application's address, such as https://app.example.com
    url: String,
    /// Its policy document; without this, the one in policies/ for its host
    #[arg(long)]
    policy: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    /// A path that nobody sees without a sign-in; without this, one that the policy says so of
    #[arg(long)]
    path: Option<String>,
    /// A public path at which the application shows the headers that it got
    #[arg(long)]
    echo: Option<String>,
    /// The origin's own address, which nobody should reach but the gate
    #[arg(long)]
    origin: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Whom the doctor looks at, and what is known of it.
struct Patient {
    url: WebUrl,
    now: UnixTime,
    store: Option<Store>,
    /// The document in the file.
    local: Option<Document>,
    /// The document in the store.
    live: Option<releases::Stored>,
    echo: Option<String>,
    path: Option<String>,
}

impl Patient {
    /// The address of a path.
    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url.origin())
    }

    /// What is in force, or else what the file says.
    fn policy(&self) -> Option<&Policy> {
        let live = self.live.as_ref().map(|live| &live.policy);
        live.or(self.local.as_ref().map(|local| &local.policy))
    }
}

pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let url = WebUrl::parse(&arguments.url)
        .map_err(|_| format!("{}: say https://<host>, without a path", arguments.url))?;
    let local = document(arguments.policy.as_ref(), url.host())?;
    let store = arguments.place.store();
    let found = store.as_ref().map(|store| releases::live(store, url.host())).transpose()?;
    let (mut findings, live) = stored::release(url.host(), local.as_ref(), found);
    let patient = Patient {
        now: clock::now(),
        store,
        local,
        live,
        echo: arguments.echo.clone(),
        path: arguments.path.clone(),
        url,
    };
    let mut all = worker::examine(&arguments.place, &patient.url);
    all.append(&mut gate::examine(&patient));
    all.append(&mut findings);
    all.append(&mut stored::identity_providers(&patient)?);
    all.push(origin::examine(&patient, arguments.origin.as_deref()));
    let count = |outcome| all.iter().filter(|one| one.outcome == outcome).count();
    let [good, bad, unknown] = [Outcome::Good, Outcome::Bad, Outcome::Unknown].map(count);
    let text = if arguments.json {
        json!({ "url": patient.url.origin(), "good": good, "bad": bad, "unknown": unknown,
            "findings": all })
        .to_string()
    } else {
        let lines: Vec<String> = all.iter().map(line).collect();
        let rest = format!("{good} good, {bad} bad, {unknown} could not be known");
        format!("{}\n\n{rest}", lines.join("\n"))
    };
    Ok(if bad == 0 { Answer::Yes(text) } else { Answer::No(text) })
}

fn line(finding: &Finding) -> String {
    let Finding { check, outcome, says, remedy } = finding;
    let word = match outcome {
        Outcome::Good => paint::good("good   "),
        Outcome::Bad => paint::bad("bad    "),
        Outcome::Unknown => paint::notable("unknown"),
    };
    let remedy = remedy.as_ref().map(|remedy| format!("\n{:30}{remedy}", "")).unwrap_or_default();
    format!("{word}  {check:<21}{says}{remedy}")
}

/// The document that was named, or the one in policies/ for this host: one that names the host
/// itself before one with a wildcard, as the gate chooses.
fn document(named: Option<&PathBuf>, host: &str) -> Result<Option<Document>, String> {
    if let Some(file) = named {
        let document = policies::read(file)?.map_err(|unusable| unusable.lines())?;
        let covers = document.policy.covers_host(host);
        let wrong = || format!("{}: is not for the host {host}", file.display());
        return covers.then_some(Some(document)).ok_or_else(wrong);
    }
    let mut found: Option<Document> = None;
    for file in policies::given_or_all(&[]).unwrap_or_default() {
        let Ok(document) = policies::read(&file)? else { continue };
        if document.policy.hosts().iter().any(|known| known == host) {
            return Ok(Some(document));
        }
        if document.policy.covers_host(host) {
            found = Some(document);
        }
    }
    Ok(found)
}
