//! `vestibule idp check`

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use vestibule::dsig::Certificate;
use vestibule::identity::UnixTime;
use vestibule::policy::Policy;
use vestibule::refusals::Refusal;
use vestibule::saml::binding::Endpoint;
use vestibule::saml::idp::{IdentityProvider, IdpDocument};
use vestibule::saml::warnings::Warning;

use crate::idp_try::Try;
use crate::saml_inspect::Posted;
use crate::sign_in::{self, SignIn};
use crate::{Answer, clock, idp_form};

/// How an administrator takes what a refresh proposes.
const PROPOSAL: &str = "\
A change that no pinned key signed is not taken, but waits at proposal/<id>. To see it and take it:
  npx wrangler kv key get --remote --binding CONFIG --text proposal/<id> > proposal.json
  vestibule idp check proposal.json
  npx wrangler kv key put --remote --binding CONFIG idp/<id> --path proposal.json
";

#[derive(Args)]
#[command(after_help = "Examples:
  vestibule idp check jumpcloud.xml
  vestibule idp check https://app.example.com   # a test sign-in
  vestibule idp check idp.json --id jumpcloud --response response.txt --host app.example.com")]
pub struct Arguments {
    /// Metadata in XML, or the JSON document that is stored as idp/<id>; or the address of an
    /// application, to sign in there and see what comes
    file: PathBuf,
    /// Print the address to open, and open no browser
    #[arg(long, conflicts_with = "response")]
    no_browser: bool,
    /// A response that it posted: XML, base64, a URL-encoded value or a whole form. Say what came,
    /// and which rules that satisfies
    #[arg(long, requires = "host")]
    response: Option<PathBuf>,
    /// The host that the response was posted to, such as app.example.com
    #[arg(long, requires = "response")]
    host: Option<String>,
    /// Its id, the <id> of idp/<id>
    #[arg(long, default_value = "checked")]
    id: String,
    /// Policy documents; without any, those in policies/ that name its id, or the host
    #[arg(long)]
    policy: Vec<PathBuf>,
    /// Warn as of this time, such as 2026-11-23T12:00:00Z, and not as of now
    #[arg(long, value_parser = clock::read)]
    at: Option<UnixTime>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let now = arguments.at.unwrap_or_else(clock::now);
    if let Some(url) = arguments.file.to_str().filter(|given| given.contains("://")) {
        let (browser, policies) = (!arguments.no_browser, arguments.policy.as_slice());
        return Try { url, browser, policies, now, json: arguments.json }.run();
    }
    let bytes = std::fs::read(&arguments.file)
        .map_err(|error| format!("{}: {error}", arguments.file.display()))?;
    if let (Some(response), Some(host)) = (&arguments.response, &arguments.host) {
        let mut idp = read(&bytes).map_err(|r| format!("{}: {r}", arguments.file.display()))?;
        idp.id.clone_from(&arguments.id);
        return posted(arguments, &idp, response, host, now);
    }
    Ok(match (read(&bytes), arguments.json) {
        (Ok(idp), false) => Answer::Yes(describe(&idp, now)),
        (Ok(idp), true) => Answer::Yes(report(&idp, now).to_string()),
        (Err(refusal), false) => {
            let (cause, remedy, code) = (refusal.cause(), refusal.remedy(), refusal.code());
            Answer::No(format!("Not usable. {cause} {remedy} ({code})"))
        }
        (Err(refusal), true) => Answer::No(
            json!({ "usable": false, "code": refusal.code(), "cause": refusal.cause(),
                "remedy": refusal.remedy() })
            .to_string(),
        ),
    })
}

/// What a posted response says, and which rules that satisfies.
fn posted(
    arguments: &Arguments,
    idp: &IdentityProvider,
    response: &Path,
    host: &str,
    now: UnixTime,
) -> Result<Answer, String> {
    let base = idp_form::base(host);
    let (entity_id, acs) = (format!("{base}/.access/metadata"), format!("{base}/.access/acs"));
    let posted = Posted {
        file: response,
        idp,
        entity_id: &entity_id,
        acs: &acs,
        at: now,
        in_response_to: None,
    };
    let report = posted.inspect()?;
    let Ok(accepted) = &report.outcome else {
        let text = if arguments.json { report.json().to_string() } else { report.text() };
        return Ok(Answer::No(text));
    };
    let names_it = |policy: &Policy| policy.idps().contains(&idp.id);
    let policies = sign_in::documents(&arguments.policy, names_it)?;
    let unread = sign_in::unread(&report.attributes, &idp.attributes);
    let sign_in = SignIn { facts: &accepted.subject, unread, policies: &policies, now };
    let text = if arguments.json { sign_in.json().to_string() } else { sign_in.text() };
    Ok(Answer::Yes(text))
}

/// Either kind of file. No JSON document begins as XML does.
pub fn read(bytes: &[u8]) -> Result<IdentityProvider, Refusal> {
    let text = std::str::from_utf8(bytes).or(Err(Refusal::XmlEncoding))?;
    let document = if text.trim_start().starts_with('{') {
        IdpDocument::from_json(text)?
    } else {
        IdpDocument { metadata: text.to_owned(), ..IdpDocument::default() }
    };
    IdentityProvider::from_document("checked", document)
}

/// Metadata alone has no name, and says nothing of attributes.
fn is_document(idp: &IdentityProvider) -> bool {
    !idp.name.is_empty()
}

fn signs(idp: &IdentityProvider) -> bool {
    idp.request.sign.unwrap_or(idp.metadata.wants_signed_requests)
}

fn warnings(idp: &IdentityProvider, now: UnixTime) -> Vec<Warning> {
    let mut warnings = idp.warnings(now);
    warnings.retain(|warning| is_document(idp) || *warning != Warning::NoGroups);
    warnings
}

pub fn describe(idp: &IdentityProvider, now: UnixTime) -> String {
    let metadata = &idp.metadata;
    let mut lines = vec![("entity ID", metadata.entity_id.clone())];
    let address = |endpoint: &Endpoint| {
        let (binding, url) = binding(endpoint);
        format!("{url} by {binding}")
    };
    lines.push(("sign-on", address(&metadata.sign_on)));
    if signs(idp) {
        lines.push(("requests", "signed: the Worker needs SAML_KEY".to_owned()));
    }
    lines.push(match &metadata.logout {
        Some(logout) => ("logout", address(&logout.requests)),
        None => ("logout", "none: signing out ends the session here only".to_owned()),
    });
    for certificate in &metadata.certificates {
        let (kind, bits) = certificate.key.kind();
        let end = clock::write(certificate.not_after);
        let fingerprint = certificate.fingerprint_hex();
        lines.push(("key", format!("{kind}, {bits} bits, until {end}, SHA-256 {fingerprint}")));
    }
    if let Some(end) = metadata.valid_until {
        lines.push(("valid until", clock::write(end)));
    }
    if is_document(idp) {
        lines.insert(0, ("name", idp.name.clone()));
        lines.push(("mail address", idp.attributes.email.join(", ")));
        lines.push(("groups", idp.attributes.groups.join(", ")));
    }
    if let Some(domains) = &idp.email_domains {
        lines.push(("mail domains", domains.join(", ")));
    }
    let pinned = idp.source.as_ref().map(|source| source.key.is_some());
    if let Some(source) = &idp.source {
        lines.push(("refreshed", format!("from {}", source.url.as_str())));
    }
    let mut text = String::from("Usable.\n");
    for (what, value) in lines {
        let _ = writeln!(text, "  {what:<13} {value}");
    }
    for warning in warnings(idp, now) {
        let _ = writeln!(text, "Warning: {warning}");
    }
    if pinned == Some(false) {
        text.push_str(PROPOSAL);
    }
    text.trim_end().to_owned()
}

pub fn report(idp: &IdentityProvider, now: UnixTime) -> Value {
    let metadata = &idp.metadata;
    let endpoint = |endpoint: &Endpoint| {
        let (binding, location) = binding(endpoint);
        json!({ "binding": binding, "location": location })
    };
    let key = |certificate: &Certificate| {
        let (kind, bits) = certificate.key.kind();
        json!({ "kind": kind, "bits": bits, "not_before": clock::write(certificate.not_before),
            "not_after": clock::write(certificate.not_after),
            "sha256": certificate.fingerprint_hex() })
    };
    let warning =
        |warning: &Warning| json!({ "code": warning.code(), "says": warning.to_string() });
    let document = is_document(idp).then(|| {
        json!({ "name": idp.name, "attributes": idp.attributes,
            "email_domains": idp.email_domains,
            "metadata_url": idp.source.as_ref().map(|source| source.url.as_str()),
            "metadata_key": idp.source.as_ref().is_some_and(|source| source.key.is_some()) })
    });
    json!({
        "usable": true,
        "entity_id": metadata.entity_id,
        "sign_on": endpoint(&metadata.sign_on),
        "logout": metadata.logout.as_ref().map(|logout| endpoint(&logout.requests)),
        "signed_requests": signs(idp),
        "keys": metadata.certificates.iter().map(key).collect::<Vec<_>>(),
        "valid_until": metadata.valid_until.map(clock::write),
        "document": document,
        "warnings": warnings(idp, now).iter().map(warning).collect::<Vec<_>>(),
    })
}

fn binding(endpoint: &Endpoint) -> (&'static str, &str) {
    match endpoint {
        Endpoint::Redirect(url) => ("redirect", url.as_str()),
        Endpoint::Post(url) => ("post", url.as_str()),
    }
}
