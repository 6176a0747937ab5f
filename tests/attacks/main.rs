//! Every class of attack on SAML that is known (A1 to A40 in docs/guarantees.md), derived from
//! honest responses of every shape with otherwise valid cryptography.
//!
//! Each class is one function, which also tries the honest twins of its attacks. The systematic
//! ones take no class as given: they change everything that there is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[path = "../support/mod.rs"]
mod support;

mod claims;
mod decrypted;
mod documents;
mod encrypted;
mod input;
mod markup;
mod names;
mod shapes;
mod signature;
mod signed_info;
mod systematic;
mod tally;
mod text;
mod wrapping;

use std::io::Write;
use std::sync::OnceLock;

use tally::Tally;

/// A test for each class. A class runs once, whoever asks first: its own test or the count.
macro_rules! classes {
    ($($module:ident: $($name:ident)+;)+) => {
        /// The classes, by the names of their tests.
        const CLASSES: &[(&str, fn() -> &'static Tally)] = &[
            $($((stringify!($name), || {
                static TALLY: OnceLock<Tally> = OnceLock::new();
                TALLY.get_or_init(|| {
                    let mut tally = Tally::default();
                    $module::$name(&mut tally);
                    tally
                })
            }),)+)+
        ];
        $($(
            #[test]
            fn $name() {
                check(stringify!($name));
            }
        )+)+
    };
}

classes! {
    wrapping: a01_wrapped_responses a02_wrapped_assertions a03_hidden_assertions a04_equal_ids;
    names: a05_attributes_with_prefixes a06_other_namespaces a07_document_types;
    text: a09_comments a10_split_text a36_injected_markup a39_times;
    documents: a11_several_documents a15_decoys_in_failures a28_other_documents;
    signed_info: a12_several_signed_infos a13_several_references a14_no_reference
        a16_other_references a17_transforms a27_code_in_ids a37_truncated_mac;
    signature: a08_empty_canonical_form a18_other_keys a19_no_signature a20_malformed_values
        a40_forged_primitives;
    encrypted: a21_unsigned_encrypted a22_decryption_oracles a23_malformed_encrypted;
    decrypted: a21_encrypted_is_not_signed a22_nothing_is_learned a23_malformed_with_a_key;
    input: a24_too_much a25_too_many a26_external_entities a31_parameters a38_broken_bytes;
    claims: a29_conditions a30_other_requests a32_logout a33_replays a34_redirects
        a35_other_applications;
    systematic: elements_left_out elements_repeated elements_moved signatures_moved attributes_changed text_cut
        values_exchanged;
}

fn check(name: &str) {
    let (_, run) = CLASSES.iter().find(|(class, _)| *class == name).unwrap();
    let tally = run();
    let shown: Vec<_> = tally.failures.iter().take(20).map(String::as_str).collect();
    assert!(tally.failures.is_empty(), "{}:\n{}", tally.failures.len(), shown.join("\n"));
    assert!(tally.refused > 0, "{name} attacks nothing");
    assert!(tally.accepted > 0, "{name} has no honest twin");
}

/// The README says how many thousand.
#[test]
fn count() {
    let sum = |part: fn(&Tally) -> usize| CLASSES.iter().map(|(_, run)| part(run())).sum::<usize>();
    let (refused, accepted) = (sum(|tally| tally.refused), sum(|tally| tally.accepted));
    let harmless = sum(|tally| tally.harmless);
    // Not by `println!`: it is to be seen without --nocapture.
    writeln!(std::io::stderr(), "{refused} attacks refused, {accepted} honest responses accepted")
        .unwrap();
    assert!(accepted >= 500, "only {accepted} accepted");
    let readme = std::fs::read_to_string(support::path("../README.md")).unwrap();
    let said = format!("Over {} 000 attacks", refused / 1_000);
    assert!(readme.contains(&said), "the README does not say: {said}");
    assert!(harmless < refused / 10, "{harmless} changes made no difference");
}
