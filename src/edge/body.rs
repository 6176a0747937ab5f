//! The body of a request or response, and no more of it than is allowed.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, ReadableStream, ReadableStreamDefaultReader};

/// Why a body was not read.
pub(super) enum Unread {
    TooLarge,
    Broken(JsValue),
}

impl From<JsValue> for Unread {
    fn from(error: JsValue) -> Self {
        Unread::Broken(error)
    }
}

/// Reads at most `most` bytes, and reads nothing of what is declared to be larger (SEC-01).
pub(super) async fn read(
    headers: &Headers,
    stream: Option<ReadableStream>,
    most: usize,
) -> Result<Vec<u8>, Unread> {
    let declared = headers.get("content-length")?.and_then(|length| length.parse::<usize>().ok());
    if declared.is_some_and(|length| length > most) {
        return Err(Unread::TooLarge);
    }
    let mut body = Vec::new();
    let Some(stream) = stream else { return Ok(body) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    loop {
        let chunk = JsFuture::from(reader.read()).await?;
        if Reflect::get(&chunk, &"done".into())?.is_truthy() {
            return Ok(body);
        }
        let bytes: Uint8Array = Reflect::get(&chunk, &"value".into())?.dyn_into()?;
        if body.len().saturating_add(bytes.length() as usize) > most {
            drop(reader.cancel());
            return Err(Unread::TooLarge);
        }
        body.extend_from_slice(&bytes.to_vec());
    }
}
