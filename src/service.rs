//! Services: machines that show a service token instead of a sign-in.

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::identity::{SERVICE, UnixTime};

/// The header with a service's id.
pub const CLIENT_ID: &str = "x-access-client-id";
/// The header with its secret.
pub const CLIENT_SECRET: &str = "x-access-client-secret";

/// A service that has shown its token. Made only by [`ServiceDocument::prove`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    id: String,
    ends: UnixTime,
}

impl Service {
    /// Its id, the `<id>` of `service/<id>`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When its token is over.
    pub fn ends(&self) -> UnixTime {
        self.ends
    }

    /// What logs and the application call it.
    pub fn shown(&self) -> String {
        format!("{SERVICE}{}", self.id)
    }
}

/// What is stored as `service/<id>`: what the service is for, and what its secrets hash to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceDocument {
    /// What it is for, for people.
    pub name: String,
    /// One secret, or two while they change.
    pub secrets: Vec<HashedSecret>,
}

/// A secret of 32 random bytes, of which only the hash is stored. So many need no salt and no slow
/// hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HashedSecret {
    /// SHA-256 of the secret as it is sent, in lower-case hexadecimal.
    pub sha256: String,
    /// The second from which it no longer counts.
    pub expires: UnixTime,
}

/// Secrets that one service may have.
pub const SECRETS: usize = 2;

impl ServiceDocument {
    /// Reads a stored document. The error says what is wrong with it.
    pub fn from_json(json: &str) -> Result<Self, String> {
        let document: ServiceDocument =
            serde_json::from_str(json).map_err(|error| error.to_string())?;
        if document.secrets.len() > SECRETS {
            return Err(format!("at most {SECRETS} secrets"));
        }
        Ok(document)
    }

    /// The service, if it shows a secret that counts. `id` is where the document is stored.
    pub fn prove(&self, id: &str, secret: &str, now: UnixTime) -> Option<Service> {
        let shown = hash(secret);
        // Comparing hashes tells an attacker nothing by its time: they can't choose what is compared.
        let known =
            self.secrets.iter().find(|known| known.sha256 == shown && now < known.expires)?;
        Some(Service { id: id.to_owned(), ends: known.expires })
    }
}

/// SHA-256 of a secret as it is sent, in lower-case hexadecimal.
pub fn hash(secret: &str) -> String {
    digest(&SHA256, secret.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(secrets: &[(&str, UnixTime)]) -> ServiceDocument {
        let hashed = |(secret, expires): &(&str, UnixTime)| HashedSecret {
            sha256: hash(secret),
            expires: *expires,
        };
        let secrets = secrets.iter().map(hashed).collect();
        ServiceDocument { name: "Backup".into(), secrets }
    }

    #[test]
    fn only_a_secret_that_counts_proves_it() {
        let two = document(&[("old", 1_000), ("new", 2_000)]);
        let table = [
            ("old", 999, Some(1_000)),
            ("old", 1_000, None),
            ("new", 1_000, Some(2_000)),
            ("new", 2_000, None),
            ("other", 0, None),
            ("", 0, None),
        ];
        for (secret, now, ends) in table {
            let proven = two.prove("backup", secret, now);
            assert_eq!(proven.map(|service| service.ends()), ends, "{secret} at {now}");
        }
        assert_eq!(document(&[]).prove("backup", "", 0), None);
    }

    #[test]
    fn a_document_that_is_not_understood_is_refused() {
        let secret = format!(r#"{{ "sha256": "{}", "expires": 9 }}"#, hash("x"));
        let document = |secrets: &str| format!(r#"{{ "name": "B", "secrets": [{secrets}] }}"#);
        assert!(ServiceDocument::from_json(&document(&secret)).is_ok());
        let three = [secret.as_str(); 3].join(",");
        let endless = r#"{ "sha256": "00" }"#;
        for bad in [document(&three), document(endless), document("").replace("name", "nam")] {
            assert!(ServiceDocument::from_json(&bad).is_err(), "{bad}");
        }
    }
}
