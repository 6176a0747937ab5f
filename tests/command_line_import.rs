//! `vestibule policy import access`: what Access lets in is let in, as far as it can be said, and
//! nobody else ever is.
#![allow(clippy::unwrap_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod common;

use common::folder::Folder;
use serde_json::Value;
use vestibule::identity::{Email, Facts};
use vestibule::policy::{CanonicalPath, Policy, Request, Verdict, Who, explain};

const NOW: i64 = 1_800_000_000;

struct Person {
    email: &'static str,
    groups: &'static [&'static str],
    country: &'static str,
    ip: &'static str,
}

/// Access, as its documentation describes it, too simple to be wrong. `None` where it depends on
/// what a test can't know, such as a device.
struct Access {
    applications: Vec<Value>,
    groups: Vec<Value>,
}

impl Access {
    fn lets_in(&self, path: &str, person: Option<&Person>) -> Option<bool> {
        let mut covering: Vec<(&Value, String)> = Vec::new();
        for application in &self.applications {
            let uri = application["destinations"][0]["uri"]
                .as_str()
                .or(application["self_hosted_domains"][0].as_str())
                .or(application["domain"].as_str())
                .unwrap();
            let own = uri.strip_prefix("wiki.example.com").unwrap();
            let covers = match own.strip_suffix("/*") {
                Some(above) => path.strip_prefix(above).is_some_and(|rest| rest.len() > 1),
                None if own.contains('*') => path.starts_with("/files/a") && path.ends_with("/x"),
                None => path == own || path.starts_with(&format!("{own}/")),
            };
            if covers {
                covering.push((application, own.to_owned()));
            }
        }
        let (application, _) = covering.into_iter().max_by_key(|(_, own)| own.len())?;
        let mut policies: Vec<&Value> =
            application["policies"].as_array().unwrap().iter().collect();
        policies.sort_by_key(|policy| {
            let early = matches!(policy["decision"].as_str().unwrap(), "bypass" | "non_identity");
            (!early, policy["precedence"].as_u64().unwrap_or(0))
        });
        for policy in policies {
            let decision = policy["decision"].as_str().unwrap();
            let rules = |key: &str| policy[key].as_array().cloned().unwrap_or_default();
            let matches = |rule: &Value| self.matches(rule, person, decision == "bypass");
            let include: Vec<_> = rules("include").iter().map(matches).collect();
            let require: Vec<_> = rules("require").iter().map(matches).collect();
            let exclude: Vec<_> = rules("exclude").iter().map(matches).collect();
            if [&include, &require, &exclude].iter().any(|list| list.contains(&None)) {
                return None;
            }
            let holds = include.contains(&Some(true))
                && !require.contains(&Some(false))
                && !exclude.contains(&Some(true));
            if holds {
                return Some(
                    matches!(decision, "allow" | "bypass")
                        && (decision == "bypass" || person.is_some()),
                );
            }
        }
        Some(false)
    }

    fn matches(&self, rule: &Value, person: Option<&Person>, bypass: bool) -> Option<bool> {
        let (selector, value) = rule.as_object().unwrap().iter().next().unwrap();
        let Some(person) = person else { return Some(bypass && selector == "everyone") };
        Some(match selector.as_str() {
            "everyone" => true,
            "email" => value["email"] == person.email,
            "email_domain" => {
                person.email.ends_with(&format!("@{}", value["domain"].as_str().unwrap()))
            }
            "geo" => value["country_code"] == person.country,
            "ip" => person.ip.starts_with("192.0.2."),
            "saml" => person.groups.contains(&value["attribute_value"].as_str().unwrap()),
            "group" => {
                let group = self.groups.iter().find(|group| group["id"] == value["id"]).unwrap();
                let include = group["include"].as_array().unwrap();
                include.iter().any(|rule| self.matches(rule, Some(person), bypass) == Some(true))
            }
            "service_token" => false,
            _ => return None,
        })
    }
}

fn fixture(name: &str) -> String {
    std::fs::read_to_string(format!("tests/access/{name}")).unwrap()
}

fn list(name: &str) -> Vec<Value> {
    let answer: Value = serde_json::from_str(&fixture(name)).unwrap();
    answer["result"].as_array().unwrap().clone()
}

fn imported(folder: &Folder, files: &str) -> (Vec<Policy>, Vec<String>) {
    let (_, output) = folder.json(&format!("policy import access {files} --idp main --json"));
    let policies = output["documents"].as_array().unwrap();
    let notes = output["notes"].as_array().unwrap();
    let note = |note: &Value| {
        format!("{}: {}", note["place"].as_str().unwrap(), note["says"].as_str().unwrap())
    };
    (
        policies.iter().map(|one| Policy::from_json(&one.to_string()).unwrap()).collect(),
        notes.iter().map(note).collect(),
    )
}

fn lets_in(policy: &Policy, path: &str, person: Option<&Person>) -> bool {
    let path = CanonicalPath::parse(path).unwrap();
    let facts = person.map(|person| Facts {
        idp: "main".into(),
        email: Some(Email::parse(person.email).unwrap()),
        groups: person.groups.iter().map(|group| (*group).to_owned()).collect(),
        signed_in_at: NOW,
        ..Facts::default()
    });
    let request = Request {
        ip: person.map(|person| person.ip.parse().unwrap()),
        country: person.map(|person| person.country),
        ..Request::new("GET", &path, NOW)
    };
    explain(policy, &request, facts.as_ref()).verdict == Verdict::Allow
}

#[test]
fn it_lets_in_whom_access_lets_in_and_never_anybody_else() {
    let folder = Folder::new("policy-import");
    folder.file("apps.json", fixture("apps.json")).file("groups.json", fixture("groups.json"));
    let (policies, notes) = imported(&folder, "apps.json groups.json");
    let [policy] = &policies[..] else { panic!("one host") };
    assert_eq!((policy.hosts(), policy.max_age()), (&["wiki.example.com".to_owned()][..], 1_800));
    let access = Access { applications: list("apps.json"), groups: list("groups.json") };

    let people = ["DE", "FR", "US"].into_iter().flat_map(|country| {
        ["192.0.2.7", "198.51.100.1"].into_iter().flat_map(move |ip| {
            ["ann@example.com", "gina@example.com", "zoe@other.example"].into_iter().flat_map(
                move |email| {
                    let groups: [&[&str]; 5] =
                        [&[], &["HR"], &["IT"], &["Guests", "HR"], &["Guests", "IT"]];
                    groups.into_iter().map(move |groups| Person { email, groups, country, ip })
                },
            )
        })
    });
    let people: Vec<Person> = people.collect();
    let paths = [
        "/",
        "/page",
        "/HR",
        "/HR/payroll",
        "/HRX",
        "/hooks",
        "/hooks/github",
        "/hooks/a/b",
        "/api",
        "/api/v1",
        "/empty",
        "/empty/x",
        "/files",
        "/files/ab/x",
        "/files/b",
        "/block/x",
        "/two",
        "/two/x",
    ];
    let (mut same, mut fewer) = (0, 0);
    for path in paths {
        for person in people.iter().map(Some).chain([None]) {
            let ours = lets_in(policy, path, person);
            let who = person.map(|p| (p.email, p.groups, p.country, p.ip));
            match access.lets_in(path, person) {
                Some(theirs) if theirs == ours => same += 1,
                // Said in a note: a bypass for the office, and stars inside a path.
                Some(true) if path.starts_with("/HR") || path.starts_with("/files") => fewer += 1,
                None => assert!(!ours, "{path} {who:?} is not known to Access"),
                theirs => panic!("{path} {who:?}: Access {theirs:?}, ours {ours}"),
            }
        }
    }
    assert!(same > 1_100 && fewer > 0, "{same} the same, {fewer} fewer");

    let backup = CanonicalPath::parse("/api/x").unwrap();
    let request = Request::new("GET", &backup, NOW);
    assert_eq!(explain(policy, &request, Who::Service("backup-1")).verdict, Verdict::Allow);
    for expected in [
        "HR (wiki.example.com/HR): the bypass \"Office\" is not for everybody",
        "API (wiki.example.com/api): device_posture can't be carried over",
        "API (wiki.example.com/api): the allow \"Managed\" is left out",
        "API (wiki.example.com/api): make the services of \"Backup\"",
        "Empty (wiki.example.com/empty): nobody is let in to /empty/**",
        "Star (wiki.example.com/files/a*/x): a star inside a path has no counterpart: /files/** is closed",
        "Unknown block (wiki.example.com/block): external_evaluation can't be carried over",
    ] {
        assert!(notes.iter().any(|note| note.starts_with(expected)), "{expected}: {notes:#?}");
    }
}

#[test]
fn terraform_of_both_versions() {
    let folder = Folder::new("policy-import-tf");
    folder.file("access.tf", fixture("access.tf"));
    let (policies, notes) = imported(&folder, "access.tf");
    let [policy] = &policies[..] else { panic!("one host") };
    let person = |email, country| Person { email, groups: &[], country, ip: "192.0.2.1" };
    let table = [
        ("/", "ann@example.com", "DE", true),
        ("/", "ann@example.com", "FR", false),
        ("/", "ann@other.example", "DE", false),
        ("/tools", "bob@example.com", "FR", true),
        ("/tools", "cat@example.com", "DE", false),
    ];
    for (path, email, country, expected) in table {
        assert_eq!(
            lets_in(policy, path, Some(&person(email, country))),
            expected,
            "{path} {email}"
        );
    }
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("group can't be carried over"), "{notes:?}");
}

#[test]
fn what_is_no_access_is_refused_and_files_are_not_overwritten() {
    let folder = Folder::new("policy-import-files");
    folder.file("apps.json", fixture("apps.json")).file("groups.json", fixture("groups.json"));
    folder.file("other.json", r#"{ "what": 1 }"#).file("broken.tf", "resource {");
    for files in ["other.json", "broken.tf", "absent.json", "groups.json"] {
        let (code, _, errors) = folder.run(&format!("policy import access {files} --idp main"));
        assert!(code == 2 && !errors.is_empty(), "{files}");
    }
    drop(std::fs::remove_file(folder.0.join("wiki.example.com.json")));
    let import = "policy import access apps.json groups.json --idp main --folder .";
    let (code, output, errors) = folder.run(import);
    assert_eq!((code, output.as_str()), (1, "wrote ./wiki.example.com.json\n"), "{errors}");
    assert!(errors.contains("device_posture"), "{errors}");
    assert_eq!(folder.run("policy check wiki.example.com.json").0, 0);
    let (code, _, errors) = folder.run(import);
    assert!(code == 2 && errors.contains("is there already"), "{errors}");
}
