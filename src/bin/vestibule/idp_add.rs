//! `vestibule idp add`

use std::path::PathBuf;

use clap::Args;
use vestibule::saml::idp::{AttributeNames, IdentityProvider, IdpDocument, Legacy};

#[derive(Args)]
pub struct Arguments {
    /// The identity provider's metadata, an XML file
    metadata: PathBuf,
    /// What people call it
    #[arg(long)]
    name: String,
    /// Which entity of the metadata, where there are several
    #[arg(long)]
    entity_id: Option<String>,
    /// Attribute with the mail address; NameID means the NameID
    #[arg(long, default_value = "NameID")]
    email_attribute: Vec<String>,
    /// Attribute with the groups
    #[arg(long)]
    groups_attribute: Vec<String>,
    /// Let in what is refused otherwise: cbc-signed-inside
    #[arg(long, value_parser = switch)]
    legacy: Vec<Legacy>,
}

fn switch(name: &str) -> Result<Legacy, serde_json::Error> {
    serde_json::from_value(name.into())
}

pub fn run(arguments: &Arguments) -> Result<String, String> {
    let file = arguments.metadata.display();
    let metadata =
        std::fs::read_to_string(&arguments.metadata).map_err(|error| format!("{file}: {error}"))?;
    let document = IdpDocument {
        name: arguments.name.clone(),
        entity_id: arguments.entity_id.clone(),
        metadata,
        attributes: AttributeNames {
            email: arguments.email_attribute.clone(),
            groups: arguments.groups_attribute.clone(),
            ..AttributeNames::default()
        },
        legacy: arguments.legacy.iter().copied().collect(),
        ..IdpDocument::default()
    };
    let json = serde_json::to_string(&document).map_err(|error| error.to_string())?;
    IdentityProvider::from_json("new", &json).map_err(|refusal| {
        format!("{file}: {} {} ({})", refusal.cause(), refusal.remedy(), refusal.code())
    })?;
    Ok(json)
}
