//! The check of a response as the gate does it, to be measured natively and in wasm.

use std::sync::Mutex;

use serde_json::Value;
use vestibule::refusals::Refusal;
use vestibule::saml::idp::IdentityProvider;
use vestibule::saml::response::{Expected, accept};
use vestibule::xml::decode_base64;

/// What is known before the response comes.
pub struct Setup {
    idp: IdentityProvider,
    entity_id: String,
    acs: String,
    request_id: String,
    now: i64,
}

impl Setup {
    pub fn read(json: &str) -> Setup {
        let json: Value = serde_json::from_str(json).unwrap();
        let text = |name: &str| json[name].as_str().unwrap().to_owned();
        Setup {
            idp: IdentityProvider::from_json("bench", &json["idp"].to_string()).unwrap(),
            entity_id: text("entityId"),
            acs: text("acs"),
            request_id: text("requestId"),
            now: json["now"].as_i64().unwrap(),
        }
    }

    /// The whole way from the form's field to the subject; gives the number of its groups.
    pub fn check(&self, field: &str) -> Result<usize, Refusal> {
        let xml = decode_base64(field).ok_or(Refusal::Base64Malformed)?;
        let expected = Expected {
            idp: &self.idp,
            entity_id: &self.entity_id,
            acs: &self.acs,
            request_id: Some(&self.request_id),
            forced_at: None,
            now: self.now,
            trail: None,
        };
        Ok(accept(&xml, &expected)?.subject.groups.len())
    }
}

static BUFFER: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static SETUP: Mutex<Option<Setup>> = Mutex::new(None);

/// Where the host writes `length` bytes for the next call.
#[unsafe(no_mangle)]
pub extern "C" fn buffer(length: usize) -> *mut u8 {
    let mut buffer = BUFFER.lock().unwrap();
    buffer.resize(length, 0);
    buffer.as_mut_ptr()
}

/// Reads the set-up from the buffer.
#[unsafe(no_mangle)]
pub extern "C" fn set_up() {
    let json = String::from_utf8(BUFFER.lock().unwrap().clone()).unwrap();
    *SETUP.lock().unwrap() = Some(Setup::read(&json));
}

/// Checks the field in the buffer: the number of groups, or -1 where it is refused.
#[unsafe(no_mangle)]
pub extern "C" fn check() -> i32 {
    let buffer = BUFFER.lock().unwrap();
    let setup = SETUP.lock().unwrap();
    let field = std::str::from_utf8(&buffer).unwrap();
    setup.as_ref().unwrap().check(field).map_or(-1, |groups| groups as i32)
}
