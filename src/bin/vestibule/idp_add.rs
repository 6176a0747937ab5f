//! `vestibule idp add`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use vestibule::limits;
use vestibule::refusals::Refusal;
use vestibule::saml::binding::Endpoint;
use vestibule::saml::idp::{
    AttributeNames, IdentityProvider, IdpDocument, Legacy, RequestOptions, SignOnAddress,
};
use vestibule::saml::presets::presets;

use crate::idp_form::{self, Guide, Hosts, Named};
use crate::store::{Entry, Place, Store};
use crate::{Answer, ask, clock, idp_check, web};

#[derive(Args)]
#[command(after_help = "Examples:
  vestibule idp add okta.xml --preset okta --host app.example.com --remote
  vestibule idp add jumpcloud.xml --name JumpCloud --preset jumpcloud > idp.json")]
pub struct Arguments {
    /// The identity provider's metadata: an XML file, or the https address where it is had
    metadata: String,
    /// What people call it; without this, what the preset calls it
    #[arg(long, required_unless_present = "preset")]
    name: Option<String>,
    /// Attribute names, form and traps of adfs, auth0, entra, google, jumpcloud, keycloak, okta,
    /// onelogin, pingfederate, pingone, shibboleth or simplesamlphp
    #[arg(long, value_parser = idp_form::preset)]
    preset: Option<Named>,
    /// Its id, the <id> of idp/<id>; without this, the preset's name, or one made of its own
    #[arg(long, value_parser = id)]
    id: Option<String>,
    #[command(flatten)]
    hosts: Hosts,
    /// Which entity of the metadata, where there are several
    #[arg(long)]
    entity_id: Option<String>,
    /// Attribute with the mail address; NameID means the NameID, and stands without this
    #[arg(long)]
    email_attribute: Vec<String>,
    /// Attribute with the groups
    #[arg(long)]
    groups_attribute: Vec<String>,
    /// Domain of the mail addresses that it may vouch for; without this, all
    #[arg(long)]
    email_domain: Vec<String>,
    /// Address for HTTP-Redirect, where the metadata has none or another
    #[arg(long)]
    sign_on: Option<String>,
    /// Where the Worker fetches its metadata anew; without this, the address that was given
    #[arg(long)]
    metadata_url: Option<String>,
    /// A certificate file, whose key signs the metadata that is fetched
    #[arg(long)]
    metadata_key: Option<PathBuf>,
    /// Let the Worker keep to this metadata, and not fetch it anew
    #[arg(long, conflicts_with_all = ["metadata_url", "metadata_key"])]
    once: bool,
    /// Sign requests with SAML_KEY, whatever the metadata says
    #[arg(long)]
    sign_requests: bool,
    /// Let in what is refused otherwise: sha1, inclusive-c14n or cbc-signed-inside
    #[arg(long, value_parser = switch)]
    legacy: Vec<Legacy>,
    #[command(flatten)]
    place: Place,
    /// Write the document to this file
    #[arg(long, conflicts_with_all = ["local", "remote"])]
    out: Option<PathBuf>,
    /// Do not ask before another one is replaced
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn switch(name: &str) -> Result<Legacy, serde_json::Error> {
    serde_json::from_value(name.into())
}

/// As policies name it.
fn id(written: &str) -> Result<String, String> {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = (1..=64).contains(&written.len()) && written.bytes().all(known);
    let wrong = || "an id is lower-case letters, digits and hyphens".to_owned();
    fits.then(|| written.to_owned()).ok_or_else(wrong)
}

impl Arguments {
    fn name(&self) -> String {
        let preset = self.preset.as_ref().map(|named| &named.preset.name);
        self.name.as_ref().or(preset).cloned().unwrap_or_default()
    }

    fn id(&self) -> Result<String, String> {
        let preset = self.preset.as_ref().map(|named| named.name.clone());
        match self.id.clone().or(preset) {
            Some(id) => Ok(id),
            None => id(&self.name().to_lowercase().replace(' ', "-"))
                .map_err(|_| format!("{:?} makes no id: say --id", self.name())),
        }
    }

    fn attributes(&self) -> AttributeNames {
        let preset = self.preset.as_ref().map(|named| named.preset.attributes.clone());
        let mut attributes = preset.unwrap_or_default();
        if !self.email_attribute.is_empty() {
            attributes.email.clone_from(&self.email_attribute);
        }
        if !self.groups_attribute.is_empty() {
            attributes.groups.clone_from(&self.groups_attribute);
            attributes.separators.retain(|name, _| self.groups_attribute.contains(name));
        }
        attributes
    }

    /// Where the metadata is fetched anew.
    fn source(&self) -> Option<String> {
        let given = Some(&self.metadata).filter(|source| is_address(source) && !self.once);
        self.metadata_url.as_ref().or(given).cloned()
    }

    fn document(&self) -> Result<IdpDocument, String> {
        let metadata_url = self.source();
        if self.metadata_key.is_some() && metadata_url.is_none() {
            return Err("--metadata-key checks what is fetched: say --metadata-url".to_owned());
        }
        Ok(IdpDocument {
            name: self.name(),
            entity_id: self.entity_id.clone(),
            metadata: metadata(&self.metadata)?,
            metadata_url,
            metadata_key: self.metadata_key.as_deref().map(text).transpose()?,
            sign_on: self.sign_on.clone().map(SignOnAddress::Redirect),
            attributes: self.attributes(),
            email_domains: Some(self.email_domain.clone()).filter(|domains| !domains.is_empty()),
            request: RequestOptions {
                sign: self.sign_requests.then_some(true),
                ..RequestOptions::default()
            },
            legacy: self.legacy.iter().copied().collect(),
            ..IdpDocument::default()
        })
    }
}

/// The document goes to a store, to a file or else to standard output, and what there is to say
/// beside it to standard output or else to standard error.
pub fn run(arguments: &Arguments) -> Result<Answer, String> {
    let id = arguments.id()?;
    let document = arguments.document()?;
    let json = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?;
    let source = &arguments.metadata;
    let idp = IdentityProvider::from_json(&id, &json).map_err(|r| refused(source, r))?;
    let bases = arguments.hosts.bases(&id)?;
    let preset = arguments.preset.as_ref().map(|named| &named.preset);
    let attributes = &idp.attributes;
    let guide = preset.map(|preset| Guide { preset, attributes, bases: &bases });
    let mut told = vec![idp_check::describe(&idp, clock::now())];
    told.extend(other_preset(&idp, arguments.preset.as_ref()));
    told.extend(guide.as_ref().map(Guide::text));
    let stored = match (&arguments.out, arguments.place.store()) {
        (Some(file), _) => {
            let unwritable = |error| format!("{}: {error}", file.display());
            std::fs::write(file, &json).map_err(unwritable)?;
            Some(file.display().to_string())
        }
        (None, Some(store)) => {
            if !store_it(&store, &idp, &json, arguments.yes)? {
                return Ok(Answer::No(format!("idp/{id} stays as it was")));
            }
            Some(format!("idp/{id} in {}", arguments.place.name()))
        }
        (None, None) => None,
    };
    if arguments.json {
        let report = json!({ "id": id, "stored": stored, "document": document,
            "check": idp_check::report(&idp, clock::now()),
            "guide": guide.map(|guide| guide.json()) });
        return Ok(Answer::Yes(report.to_string()));
    }
    let Some(stored) = stored else {
        anstream::eprintln!("{}", told.join("\n\n"));
        return Ok(Answer::Yes(json));
    };
    told.push(format!("Written: {stored}. A policy names it in sign_in.idps as \"{id}\"."));
    Ok(Answer::Yes(told.join("\n\n")))
}

/// Stores the document, with the consent of whoever is there where it takes another's place.
fn store_it(store: &Store, new: &IdentityProvider, json: &str, yes: bool) -> Result<bool, String> {
    let key = format!("idp/{}", new.id);
    if let Some(old) = store.get(&key)?.filter(|old| old.trim() != json) {
        let question = format!("{}\nReplace {key}?", replaced(&new.id, &old, new));
        if !(yes || ask::agreed(&question)?) {
            return Ok(false);
        }
    }
    let metadata = json!({ "name": new.name, "entity_id": new.metadata.entity_id });
    store.put(&[Entry { key, value: json.to_owned(), metadata }])?;
    Ok(true)
}

/// What another document under the same id means for sign-ins.
fn replaced(id: &str, old: &str, new: &IdentityProvider) -> String {
    let Ok(old) = IdentityProvider::from_json(id, old) else {
        return "What is stored can't be read.".to_owned();
    };
    let keys = |idp: &IdentityProvider| -> Vec<String> {
        idp.metadata.certificates.iter().map(|c| c.fingerprint_hex()).collect()
    };
    let told = |what: &str, old: &str, new: &str| {
        (old != new).then(|| format!("  {what}: {new}, was {old}"))
    };
    let address = |idp: &IdentityProvider| match &idp.metadata.sign_on {
        Endpoint::Redirect(url) | Endpoint::Post(url) => url.as_str().to_owned(),
    };
    let changes: Vec<String> = [
        told("entity ID", &old.metadata.entity_id, &new.metadata.entity_id),
        told("sign-on", &address(&old), &address(new)),
        told("keys, SHA-256", &keys(&old).join(", "), &keys(new).join(", ")),
        told("groups", &old.attributes.groups.join(", "), &new.attributes.groups.join(", ")),
        told("mail address", &old.attributes.email.join(", "), &new.attributes.email.join(", ")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let rest = "  other parts of the document".to_owned();
    let changes = if changes.is_empty() { vec![rest] } else { changes };
    format!("{} is stored there already. This changes\n{}", old.name, changes.join("\n"))
}

/// The preset that the sign-on address speaks for, if it is not the one that was chosen.
fn other_preset(idp: &IdentityProvider, chosen: Option<&Named>) -> Option<String> {
    let (Endpoint::Redirect(url) | Endpoint::Post(url)) = &idp.metadata.sign_on;
    let (name, preset) = presets().into_iter().find(|(_, preset)| preset.is_at(url.host()))?;
    let other = chosen.is_none_or(|chosen| chosen.name != name);
    other.then(|| format!("This looks like {}: there is --preset {name}.", preset.name))
}

fn is_address(source: &str) -> bool {
    source.contains("://")
}

fn metadata(source: &str) -> Result<String, String> {
    if !is_address(source) {
        return text(Path::new(source));
    }
    let bytes = web::document(source, limits::METADATA)?;
    String::from_utf8(bytes).map_err(|_| refused(source, Refusal::XmlEncoding))
}

fn text(file: &Path) -> Result<String, String> {
    let name = file.display().to_string();
    let bytes = std::fs::read(file).map_err(|error| format!("{name}: {error}"))?;
    String::from_utf8(bytes).map_err(|_| refused(&name, Refusal::XmlEncoding))
}

fn refused(source: &str, refusal: Refusal) -> String {
    let (cause, remedy, code) = (refusal.cause(), refusal.remedy(), refusal.code());
    format!("{source}: {cause} {remedy} ({code})")
}
