//! The form that carries a SAML message (SAML bindings 3.5.4).

use crate::limits;
use crate::refusals::Refusal;
use crate::saml::binding::Field;

/// The two fields of a posted message (SAML bindings 3.5.4).
#[derive(Debug)]
pub struct Form {
    pub(super) field: Field,
    pub(super) message: String,
    pub(super) relay_state: Option<String>,
}

/// Reads the body of a POST. Every field at most once, one message, and the size before all else
/// (SEC-01, SEC-02).
pub fn read_form(content_type: Option<&str>, body: &[u8]) -> Result<Form, Refusal> {
    if body.len() > limits::FORM_BODY {
        return Err(Refusal::FormTooLarge);
    }
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal::FormMalformed);
    }
    let (mut request, mut response, mut relay_state) = (None, None, None);
    for (name, value) in form_urlencoded::parse(body) {
        let field = match &*name {
            "SAMLRequest" => &mut request,
            "SAMLResponse" => &mut response,
            "RelayState" => &mut relay_state,
            // Some identity providers add fields of their own.
            _ => continue,
        };
        if field.replace(value.into_owned()).is_some() {
            return Err(Refusal::FormMalformed);
        }
    }
    let (field, message) = match (request, response) {
        (Some(message), None) => (Field::Request, message),
        (None, Some(message)) => (Field::Response, message),
        _ => return Err(Refusal::FormMalformed),
    };
    if message.len() > limits::SAML_FIELD {
        return Err(Refusal::FormTooLarge);
    }
    Ok(Form { field, message, relay_state })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded; charset=utf-8");

    #[test]
    fn form_malformed() {
        for (content_type, body) in [
            (None, "SAMLResponse=x"),
            (Some("text/plain"), "SAMLResponse=x"),
            (Some("multipart/form-data; boundary=x"), "SAMLResponse=x"),
            (FORM, ""),
            (FORM, "RelayState=x"),
            (FORM, "SAMLResponse=x&SAMLResponse=x"),
            (FORM, "SAMLResponse=x&%53AMLResponse=y"),
            (FORM, "SAMLResponse=x&RelayState=a&RelayState=b"),
            (FORM, "SAMLResponse=x&SAMLRequest=y"),
            (FORM, "SAMLRequest=x&SAMLRequest=y"),
        ] {
            let read = read_form(content_type, body.as_bytes());
            assert_eq!(read.err(), Some(Refusal::FormMalformed), "{body}");
        }
        assert!(read_form(FORM, b"SAMLResponse=x&RelayState=y&wctx=z").is_ok());
    }

    #[test]
    fn form_too_large() {
        let field = "x".repeat(limits::SAML_FIELD + 1);
        let read = read_form(FORM, format!("SAMLResponse={field}").as_bytes());
        assert_eq!(read.err(), Some(Refusal::FormTooLarge));
        let body = vec![b'x'; 10_000_000];
        assert_eq!(read_form(FORM, &body).err(), Some(Refusal::FormTooLarge));
    }
}
