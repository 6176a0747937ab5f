//! The example of the design: its document loads and its expectations are met.

use vestibule::policy::{Policy, expectations};

#[test]
fn example_does_what_it_says() {
    let policy = Policy::from_json(include_str!("../policies/intranet.json")).unwrap();
    assert_eq!(policy.name(), "Intranet");
    assert_eq!(policy.hosts(), ["intranet.example.com"]);
    assert_eq!(policy.idps(), ["jumpcloud"]);
    assert_eq!((policy.max_age(), policy.idle()), (12 * 3600, Some(2 * 3600)));
    let outcomes = expectations(&policy, 1_800_000_000);
    assert_eq!(outcomes.len(), 12);
    for outcome in outcomes {
        assert!(outcome.met, "{outcome:#?}");
    }
}
