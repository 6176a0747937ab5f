//! `vestibule saml inspect`

use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use vestibule::identity::UnixTime;
use vestibule::refusals::Refusal;
use vestibule::saml::idp::IdentityProvider;
use vestibule::saml::response::{Accepted, Expected, accept};
use vestibule::saml::trail::{Check, Trail};
use vestibule::xml::{Document, Profile, decode_base64};

use crate::{Answer, clock, idp_check};

#[derive(Args)]
#[command(after_help = "Example:
  vestibule saml inspect response.txt --idp jumpcloud.xml \\
    --entity-id https://app.example.com/.access/metadata \\
    --acs https://app.example.com/.access/acs")]
pub struct Arguments {
    /// The response: XML, base64, a URL-encoded value or a whole posted form; - for standard input
    file: PathBuf,
    /// The identity provider: its metadata in XML, or the JSON document stored as idp/<id>
    #[arg(long)]
    idp: PathBuf,
    /// Our entity ID
    #[arg(long)]
    entity_id: String,
    /// Our assertion consumer service
    #[arg(long)]
    acs: String,
    /// Check as of this time, such as 2026-11-23T12:00:00Z, and not as of now
    #[arg(long, value_parser = clock::read)]
    at: Option<UnixTime>,
    /// ID of the request that it should answer
    #[arg(long)]
    in_response_to: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A response, and what it is checked against.
pub struct Posted<'a> {
    pub file: &'a Path,
    pub idp: &'a IdentityProvider,
    pub entity_id: &'a str,
    pub acs: &'a str,
    pub at: UnixTime,
    /// ID of the request; without it, the response is taken at its word.
    pub in_response_to: Option<&'a str>,
}

impl Posted<'_> {
    /// Checks it as the gate does.
    pub fn inspect(&self) -> Result<Report, String> {
        let xml = response(&bytes(self.file)?)
            .ok_or(format!("{}: neither XML nor base64 of XML", self.file.display()))?;
        let claimed = self.in_response_to.map(str::to_owned).or_else(|| claimed_request(&xml));
        let trail = Trail::default();
        let outcome = accept(
            &xml,
            &Expected {
                idp: self.idp,
                entity_id: self.entity_id,
                acs: self.acs,
                request_id: claimed.as_deref(),
                forced_at: None,
                now: self.at,
                trail: Some(&trail),
            },
        );
        let (begun, attributes) = (trail.begun(), trail.attributes());
        Ok(Report { outcome, begun, attributes, compared: self.in_response_to.is_some() })
    }
}

pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let idp = idp_check::read(&bytes(&arguments.idp)?)
        .map_err(|refusal| format!("{}: {}", arguments.idp.display(), refusal.cause()))?;
    let posted = Posted {
        file: &arguments.file,
        idp: &idp,
        entity_id: &arguments.entity_id,
        acs: &arguments.acs,
        at: arguments.at.unwrap_or_else(clock::now),
        in_response_to: arguments.in_response_to.as_deref(),
    };
    let report = posted.inspect()?;
    let text = if arguments.json { report.json().to_string() } else { report.text() };
    Ok(if report.outcome.is_ok() { Answer::Yes(text) } else { Answer::No(text) })
}

fn bytes(file: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = match file.to_str() {
        Some("-") => std::io::stdin().read_to_end(&mut bytes).map(drop),
        _ => std::fs::read(file).map(|read| bytes = read),
    };
    read.map(|()| bytes).map_err(|error| format!("{}: {error}", file.display()))
}

/// The XML, however it was copied out of a browser or a log.
fn response(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{FEFF}').trim();
    if text.starts_with('<') {
        return Some(text.as_bytes().to_vec());
    }
    let mut fields = form_urlencoded::parse(text.as_bytes());
    let field =
        fields.find(|(name, _)| name == "SAMLResponse").map(|(_, value)| value.into_owned());
    // A value alone has its plus signs as they are.
    let value = field.unwrap_or_else(|| text.to_owned());
    let value = percent_encoding::percent_decode_str(&value).decode_utf8().ok()?;
    decode_base64(&value).filter(|xml| !xml.is_empty())
}

fn claimed_request(xml: &[u8]) -> Option<String> {
    let document = Document::parse(xml, &Profile::MESSAGE).ok()?;
    document.root().attribute("InResponseTo").map(str::to_owned)
}

/// How the checks came out.
pub struct Report {
    pub outcome: Result<Accepted, Refusal>,
    /// The names of the attributes that were sent.
    pub attributes: Vec<String>,
    begun: Vec<Check>,
    /// Whether the request was given.
    compared: bool,
}

impl Report {
    fn result(&self, check: Check) -> &'static str {
        let failed = self.outcome.is_err() && self.begun.last() == Some(&check);
        match check {
            _ if failed => "fail",
            _ if !self.begun.contains(&check) => "skipped",
            Check::InResponseTo if !self.compared => "skipped",
            _ => "pass",
        }
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        for check in Check::ALL {
            let (result, name, clause) = (self.result(*check), check.name(), check.clause());
            let _ = writeln!(text, "{result:<8}{name} ({clause})");
        }
        match &self.outcome {
            Ok(accepted) => {
                let subject = &accepted.subject;
                let email = subject.email.as_ref().map_or("none", |email| email.as_str());
                let _ = write!(
                    text,
                    "\nAccepted.\n  NameID        {}\n  mail address  {email}\n  groups        {}",
                    subject.name_id,
                    subject.groups.join(", ")
                );
            }
            Err(refusal) => {
                let (cause, remedy, code) = (refusal.cause(), refusal.remedy(), refusal.code());
                let _ = write!(text, "\nRefused. {cause} {remedy} ({code})");
            }
        }
        text
    }

    pub fn json(&self) -> Value {
        let checks = Check::ALL.iter().map(|check| {
            json!({ "check": check.name(), "clause": check.clause(), "result": self.result(*check) })
        });
        let (subject, refusal) = match &self.outcome {
            Ok(accepted) => {
                let subject = &accepted.subject;
                (
                    Some(json!({ "name_id": subject.name_id, "email": subject.email,
                    "groups": subject.groups, "attributes": subject.attributes })),
                    None,
                )
            }
            Err(refusal) => (
                None,
                Some(json!({ "code": refusal.code(),
                "cause": refusal.cause(), "remedy": refusal.remedy() })),
            ),
        };
        json!({ "accepted": subject.is_some(), "checks": checks.collect::<Vec<_>>(),
            "subject": subject, "refusal": refusal })
    }
}
