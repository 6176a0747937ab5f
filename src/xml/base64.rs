//! Base64 as it stands in XML: lines may be wrapped, and nothing else is forgiven (SEC-02).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The bytes, or nothing for what is not canonical base64 among white space.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut packed = text.as_bytes().to_vec();
    packed.retain(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n'));
    STANDARD.decode(packed).ok()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn wrapped_lines_and_nothing_else() {
        assert_eq!(decode(" aGVs\r\n\tbG8= "), Some(b"hello".to_vec()));
        assert_eq!(decode(""), Some(Vec::new()));
        for bad in
            ["aGVsbG8", "aGVsbG9=", "aGVs-_8=", "aGVs\u{A0}bG8=", "aGVs=bG8", "=", "a", "aGVsbG8=="]
        {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
