//! Documents that are made from the code are current. `UPDATE=1 cargo test --test documents`
//! writes them.
#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::path::Path;

use vestibule::refusals::Refusal;

#[test]
fn refusals() {
    let mut text = String::from(
        "# What does this code mean?\n\n\
         Every time the gate says no it names a code: on the page, in the header `X-Access-Gate`, \
         in JSON answers, in the log and on the command line. The reference on the page is in the \
         log line too.\n\n\
         | code | status | what happened | what to do |\n| --- | --- | --- | --- |\n",
    );
    for refusal in Refusal::ALL {
        let (code, status) = (refusal.code(), refusal.status());
        let (cause, remedy) = (refusal.cause(), refusal.remedy());
        writeln!(text, "| `{code}` | {status} | {cause} | {remedy} |").unwrap();
    }
    current("docs/refusals.md", &text);
}

fn current(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{file} is not current: UPDATE=1 cargo test --test documents");
}
