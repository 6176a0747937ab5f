//! `vestibule idp add`

use std::path::{Path, PathBuf};

use clap::Args;
use vestibule::refusals::Refusal;
use vestibule::saml::idp::{
    AttributeNames, IdentityProvider, IdpDocument, Legacy, RequestOptions, SignOnAddress,
};
use vestibule::saml::presets::presets;

use crate::clock;

#[derive(Args)]
#[command(
    after_help = "Example:\n  vestibule idp add jumpcloud.xml --name JumpCloud --preset jumpcloud > idp.json"
)]
pub struct Arguments {
    /// The identity provider's metadata, an XML file
    metadata: PathBuf,
    /// What people call it
    #[arg(long)]
    name: String,
    /// Attribute names of adfs, auth0, entra, google, jumpcloud, keycloak, okta, onelogin,
    /// pingfederate, pingone, shibboleth or simplesamlphp
    #[arg(long, value_parser = preset)]
    preset: Option<AttributeNames>,
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
    /// Where its metadata is fetched anew
    #[arg(long)]
    metadata_url: Option<String>,
    /// A certificate file, whose key signs the metadata that is fetched
    #[arg(long, requires = "metadata_url")]
    metadata_key: Option<PathBuf>,
    /// Sign requests with SAML_KEY, whatever the metadata says
    #[arg(long)]
    sign_requests: bool,
    /// Let in what is refused otherwise: sha1, inclusive-c14n or cbc-signed-inside
    #[arg(long, value_parser = switch)]
    legacy: Vec<Legacy>,
}

fn preset(name: &str) -> Result<AttributeNames, String> {
    presets().remove(name).ok_or_else(|| {
        let known: Vec<_> = presets().into_keys().collect();
        format!("there are {}", known.join(", "))
    })
}

fn switch(name: &str) -> Result<Legacy, serde_json::Error> {
    serde_json::from_value(name.into())
}

pub fn run(arguments: &Arguments) -> Result<String, String> {
    let file = &arguments.metadata;
    let document = IdpDocument {
        name: arguments.name.clone(),
        entity_id: arguments.entity_id.clone(),
        metadata: text(file)?,
        metadata_url: arguments.metadata_url.clone(),
        metadata_key: arguments.metadata_key.as_deref().map(text).transpose()?,
        sign_on: arguments.sign_on.clone().map(SignOnAddress::Redirect),
        attributes: attributes(arguments),
        email_domains: Some(arguments.email_domain.clone()).filter(|domains| !domains.is_empty()),
        request: RequestOptions {
            sign: arguments.sign_requests.then_some(true),
            ..RequestOptions::default()
        },
        legacy: arguments.legacy.iter().copied().collect(),
        ..IdpDocument::default()
    };
    let json = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?;
    let idp =
        IdentityProvider::from_json("new", &json).map_err(|refusal| refused(file, refusal))?;
    for warning in idp.warnings(clock::now()) {
        eprintln!("warning: {warning}");
    }
    Ok(json)
}

fn attributes(arguments: &Arguments) -> AttributeNames {
    let mut attributes = arguments.preset.clone().unwrap_or_default();
    if !arguments.email_attribute.is_empty() {
        attributes.email.clone_from(&arguments.email_attribute);
    }
    if !arguments.groups_attribute.is_empty() {
        attributes.groups.clone_from(&arguments.groups_attribute);
        attributes.separators.retain(|name, _| arguments.groups_attribute.contains(name));
    }
    attributes
}

fn text(file: &Path) -> Result<String, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    String::from_utf8(bytes).map_err(|_| refused(file, Refusal::XmlEncoding))
}

fn refused(file: &Path, refusal: Refusal) -> String {
    let (cause, remedy, code) = (refusal.cause(), refusal.remedy(), refusal.code());
    format!("{}: {cause} {remedy} ({code})", file.display())
}
