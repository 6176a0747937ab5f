//! `vestibule idp form`, and what `vestibule idp add` says of the identity provider's side.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use vestibule::policy::Policy;
use vestibule::saml::idp::AttributeNames;
use vestibule::saml::presets::{Field, Filling, Preset, presets};

use crate::policies;

#[derive(Args)]
#[command(after_help = "Example:\n  vestibule idp form okta --host app.example.com")]
pub struct Arguments {
    /// Which one: adfs, auth0, entra, google, jumpcloud, keycloak, okta, onelogin, pingfederate,
    /// pingone, shibboleth or simplesamlphp
    #[arg(value_parser = preset)]
    preset: Named,
    #[command(flatten)]
    hosts: Hosts,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A preset with its name on the command line.
#[derive(Clone)]
pub struct Named {
    pub name: String,
    pub preset: Preset,
}

/// Reads the name of a preset.
pub fn preset(name: &str) -> Result<Named, String> {
    let preset = presets().remove(name).ok_or_else(|| {
        let known: Vec<_> = presets().into_keys().collect();
        format!("there are {}", known.join(", "))
    })?;
    Ok(Named { name: name.to_owned(), preset })
}

/// For which applications.
#[derive(Args)]
pub struct Hosts {
    /// The host that people sign in at, such as app.example.com; without this, the hosts of the
    /// documents in policies/ that name the identity provider, or their auth hosts
    #[arg(long)]
    host: Vec<String>,
}

pub fn run(arguments: &Arguments) -> Result<String, String> {
    let Named { name, preset } = &arguments.preset;
    let bases = arguments.hosts.bases(name)?;
    let guide = Guide { preset, attributes: &preset.attributes, bases: &bases };
    Ok(if arguments.json { guide.json().to_string() } else { guide.text() })
}

impl Hosts {
    /// Scheme, host and port of each application.
    pub fn bases(&self, idp: &str) -> Result<Vec<String>, String> {
        let mut hosts: BTreeSet<String> = self.host.iter().cloned().collect();
        if hosts.is_empty() {
            for policy in documents()? {
                if policy.idps().iter().any(|known| known == idp) {
                    match policy.auth_host() {
                        Some(auth_host) => drop(hosts.insert(auth_host.to_owned())),
                        None => hosts.extend(policy.hosts().iter().cloned()),
                    }
                }
            }
        }
        Ok(hosts.iter().map(|host| base(host)).collect())
    }
}

/// The documents in policies/ that can be read; none where there is no such folder.
fn documents() -> Result<Vec<Policy>, String> {
    let files: Vec<PathBuf> = policies::given_or_all(&[]).unwrap_or_default();
    let read = files.iter().map(|file| policies::read(file));
    let read = read.collect::<Result<Vec<_>, String>>()?;
    Ok(read.into_iter().filter_map(Result::ok).map(|document| document.policy).collect())
}

/// Only the gate on this very computer is reached without TLS.
pub fn base(host: &str) -> String {
    let name = host.split(':').next().unwrap_or_default();
    let scheme = if matches!(name, "localhost" | "127.0.0.1") { "http" } else { "https" };
    format!("{scheme}://{host}")
}

/// What there is to do at the identity provider.
pub struct Guide<'a> {
    pub preset: &'a Preset,
    /// The names that its attributes go by here.
    pub attributes: &'a AttributeNames,
    pub bases: &'a [String],
}

impl Guide<'_> {
    fn filling<'a>(&'a self, base: &'a str) -> Filling<'a> {
        Filling { base, attributes: self.attributes }
    }

    pub fn text(&self) -> String {
        let preset = self.preset;
        let unknown = "https://app.example.com".to_owned();
        let base = self.bases.first().unwrap_or(&unknown);
        let filling = self.filling(base);
        let mut text = format!("Into the form of {}\n", preset.name);
        let _ = writeln!(text, "  ({})\n", filling.fill(&preset.open));
        let form = filling.form(preset);
        let width = form.iter().map(|one| one.field.chars().count()).max().unwrap_or_default();
        for Field { field, value } in &form {
            let _ = writeln!(text, "  {field:<width$}  {value}");
        }
        match self.bases {
            [] => text.push_str("\nWith the host of your application: say --host.\n"),
            [_] => {}
            [_, others @ ..] => {
                let _ = writeln!(text, "\nOnce more for each of {}.", others.join(", "));
            }
        }
        let _ = writeln!(text, "\nIts metadata: {}.\n\nTo know about it", preset.export);
        for trap in &preset.traps {
            let _ = writeln!(text, "  - {trap}");
        }
        text.trim_end().to_owned()
    }

    pub fn json(&self) -> Value {
        let preset = self.preset;
        let form = |base: &String| {
            let filling = self.filling(base);
            json!({ "base": base, "open": filling.fill(&preset.open),
                "fields": filling.form(preset) })
        };
        json!({ "name": preset.name, "export": preset.export, "traps": preset.traps,
            "forms": self.bases.iter().map(form).collect::<Vec<_>>() })
    }
}
