//! `vestibule policy schema`

use vestibule::policy::schema;

/// Prints the JSON Schema of a policy document.
pub fn run() -> Result<String, String> {
    serde_json::to_string_pretty(&schema()).map_err(|error| error.to_string())
}
