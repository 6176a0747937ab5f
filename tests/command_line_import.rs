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

/// What an administrator of Access may have written, and who would come in if it were read wrongly:
/// never more open, and never without a note.
#[test]
fn what_is_not_understood_keeps_people_out() {
    let app = |members: &str| format!(r#"{{ "name": "A", "domain": "a.example.com", {members} }}"#);
    let allow = |members: &str| {
        app(&format!(r#""policies": [{{ "name": "P", "decision": "allow", {members} }}]"#))
    };
    let everyone = r#""include": [{ "everyone": {} }]"#;
    let open = format!(r#"{{ "name": "Open", "decision": "allow", {everyone} }}"#);
    let also = |domain: &str, policies: &str| {
        format!(r#"{{ "name": "B", "domain": "{domain}", "policies": [{policies}] }}"#)
    };
    let table: Vec<(&str, String, &str, &str)> = vec![
        ("policies by reference", app(r#""policies": "all""#), "/", "nobody is let in"),
        ("a policy elsewhere", app(r#""policies": ["p1"]"#), "/", "p1 is not in these files"),
        ("a policy of no name", app(r#""policies": [{}]"#), "/", "is not in these files"),
        (
            "a requirement that is no list",
            allow(&format!(r#"{everyone}, "require": {{ "geo": {{ "country_code": "FR" }} }}"#)),
            "/",
            "require are not written out",
        ),
        (
            "an exception that is no list",
            allow(&format!(r#"{everyone}, "exclude": "x""#)),
            "/",
            "exclude are not written out",
        ),
        (
            "approval",
            allow(&format!(r#"{everyone}, "approval_required": true"#)),
            "/",
            "approval_required, which has no counterpart",
        ),
        (
            "isolation",
            allow(&format!(r#"{everyone}, "isolation_required": true"#)),
            "/",
            "isolation_required, which has no counterpart",
        ),
        (
            "a second factor",
            allow(&format!(r#"{everyone}, "mfa_config": {{ "mfa_disabled": false }}"#)),
            "/",
            "mfa_config, which has no counterpart",
        ),
        (
            "a second factor of all",
            app(&format!(r#""mfa_config": {{ "x": 1 }}, "policies": [{open}]"#)),
            "/",
            "mfa_config, which has no counterpart",
        ),
        (
            "a team",
            allow(r#""include": [{ "github-organization": { "name": "HR", "team": "x" } }]"#),
            "/",
            "can't be carried over",
        ),
        (
            "an unknown decision first",
            app(&format!(r#""policies": [{{ "decision": "quarantine", {everyone} }}, {open}]"#)),
            "/",
            "what comes after it are left out",
        ),
        (
            "a block that is first by a text",
            app(&format!(
                r#""policies": [{{ "name": "P", "decision": "allow", "precedence": "2", {everyone} }}, {{ "name": "B", "decision": "deny", "precedence": "1", {everyone} }}]"#
            )),
            "/",
            "nobody is let in",
        ),
        (
            "an order of which half is known",
            app(&format!(
                r#""policies": [{open}, {{ "decision": "deny", "precedence": 0, {everyone} }}]"#
            )),
            "/",
            "only some of its policies",
        ),
        (
            "a person where nobody is known",
            app(
                r#""policies": [{ "name": "S", "decision": "non_identity", "include": [{ "service_token": { "token_id": "t" } }, { "email": { "email": "ann@example.com" } }] }]"#,
            ),
            "/",
            "asks for a person",
        ),
        (
            "everybody where nobody is known",
            app(
                r#""policies": [{ "name": "S", "decision": "non_identity", "include": [{ "service_token": { "token_id": "t" } }, { "everyone": {} }] }]"#,
            ),
            "/",
            "asks for a person",
        ),
        (
            "a bypass by login",
            app(
                r#""policies": [{ "name": "S", "decision": "bypass", "include": [{ "login_method": { "id": "i" } }] }]"#,
            ),
            "/",
            "is not for everybody",
        ),
        (
            "the same group elsewhere",
            allow(
                r#""include": [{ "okta": { "name": "HR", "identity_provider_id": "one" } }, { "okta": { "name": "IT", "identity_provider_id": "two" } }]"#,
            ),
            "/",
            "okta can't be carried over",
        ),
        (
            "another way to sign in",
            format!(
                "[{}, {}]",
                app(&format!(r#""allowed_idps": ["one"], "policies": [{open}]"#)),
                r#"{ "name": "C", "domain": "c.example.com", "allowed_idps": ["two"], "policies": [] }"#
            ),
            "/",
            "say --idp for each",
        ),
        (
            "another protocol",
            app(&format!(r#""type": "ssh", "policies": [{open}]"#)),
            "/",
            "ssh has no counterpart",
        ),
        (
            "two for one path",
            format!("[{}, {}]", app(r#""policies": []"#), also("a.example.com/", &open)),
            "/",
            "another application has the same path",
        ),
        (
            "two for one path, with a star",
            format!("[{}, {}]", app(r#""policies": []"#), also("a.example.com/*", &open)),
            "/",
            "another application has the same path",
        ),
        (
            "a star and a neighbour",
            format!("[{}, {}]", also("a.example.com/x", &open), also("a.example.com/x/a*", "")),
            "/x/ab",
            "a star inside a path",
        ),
        (
            "a star and what is below",
            format!("[{}, {}]", also("a.example.com/x/y", &open), also("a.example.com/x*", "")),
            "/x/y",
            "a star inside a path",
        ),
        (
            "two policies of one id",
            format!(
                r#"[{}, {{ "id": "p", "decision": "allow", {everyone} }}, {{ "id": "p", "decision": "deny", {everyone} }}]"#,
                app(r#""policies": ["p"]"#)
            ),
            "/",
            "there are two of p",
        ),
    ];
    let folder = Folder::new("policy-import-closed");
    for (what, files, path, says) in table {
        folder.file("files.json", files);
        let (code, output, errors) =
            folder.run("policy import access files.json --idp main --json");
        assert_ne!(code, 0, "{what}");
        assert!(output.contains(says) || errors.contains(says), "{what}: {output} {errors}");
        let documents: Value = serde_json::from_str(&output).unwrap_or_default();
        for document in documents["documents"].as_array().into_iter().flatten() {
            let policy = Policy::from_json(&document.to_string()).unwrap();
            for groups in [&["HR"][..], &["IT"]] {
                let email = "ann@example.com";
                let person = Person { email, groups, country: "DE", ip: "192.0.2.1" };
                assert!(!lets_in(&policy, path, Some(&person)), "{what}: {document}");
            }
        }
    }
}

#[test]
fn what_only_terraform_knows_is_refused_or_keeps_people_out() {
    let app = r#"resource "cloudflare_zero_trust_access_application" "a" {
        name = "A"
        domain = "a.example.com"
        policies = [{ id = cloudflare_zero_trust_access_policy.p.id }]
    }"#;
    let policy = |body: &str| {
        format!(
            r#"{app}
            resource "cloudflare_zero_trust_access_policy" "p" {{
                name = "P"
                decision = "allow"
                {body}
            }}"#
        )
    };
    let everyone = "include = [{ everyone = {} }]";
    let table = [
        (
            "a variable",
            policy(&format!("{everyone}\nrequire = var.office")),
            "not a rule of Access",
        ),
        (
            "an expression",
            policy(&format!(
                "{everyone}\nexclude = [for e in var.out : {{ email = {{ email = e }} }}]"
            )),
            "not a rule of Access",
        ),
        (
            "a dynamic block",
            policy(
                "include { everyone = true }\ndynamic \"require\" {\nfor_each = var.x\ncontent { geo = [\"FR\"] }\n}",
            ),
            "dynamic can't be carried over",
        ),
        ("a count", policy(&format!("{everyone}\ncount = var.on ? 1 : 0")), "instead of count"),
        ("a loop", policy(&format!("{everyone}\nfor_each = var.all")), "instead of count"),
        (
            "a module",
            format!(
                "module \"more\" {{\nsource = \"./more\"\n}}\n{}",
                policy("include = [{ email = { email = \"zoe@other.example\" } }]")
            ),
            "module.more",
        ),
        (
            "an order without numbers",
            r#"
            resource "cloudflare_access_application" "a" {
                name = "A"
                domain = "a.example.com"
            }
            resource "cloudflare_access_policy" "a" {
                application_id = cloudflare_access_application.a.id
                decision = "allow"
                include { everyone = true }
            }
            resource "cloudflare_access_policy" "b" {
                application_id = cloudflare_access_application.a.id
                decision = "deny"
                include { everyone = true }
            }"#
            .to_owned(),
            "precedence of the policy",
        ),
        (
            "one of several applications",
            r#"
            resource "cloudflare_access_application" "a" {
                name = "A"
                domain = "a.example.com"
            }
            resource "cloudflare_access_policy" "a" {
                application_id = cloudflare_access_application.all["a"].id
                decision = "deny"
                precedence = 1
                include { everyone = true }
            }"#
            .to_owned(),
            "write out which application",
        ),
    ];
    let folder = Folder::new("policy-import-tf-closed");
    for (what, file, says) in table {
        folder.file("files.tf", file);
        let (code, output, errors) = folder.run("policy import access files.tf --idp main --json");
        assert_ne!(code, 0, "{what}");
        assert!(output.contains(says) || errors.contains(says), "{what}: {output} {errors}");
        let documents: Value = serde_json::from_str(&output).unwrap_or_default();
        for document in documents["documents"].as_array().into_iter().flatten() {
            let policy = Policy::from_json(&document.to_string()).unwrap();
            let email = "ann@example.com";
            let person = Person { email, groups: &[], country: "DE", ip: "192.0.2.1" };
            assert!(!lets_in(&policy, "/", Some(&person)), "{what}: {document}");
        }
    }
}

#[test]
fn identity_providers_are_told_apart_and_the_shortest_session_holds() {
    let folder = Folder::new("policy-import-idps");
    folder.file(
        "files.json",
        r#"{ "success": true, "result_info": { "total_count": 3 }, "result": [
        { "name": "A", "domain": "a.example.com", "allowed_idps": ["uuid-1", "uuid-2"],
          "session_duration": "24h", "policies": [
            { "name": "P", "decision": "allow", "session_duration": "15m", "include": [
                { "okta": { "name": "HR", "identity_provider_id": "uuid-1" } },
                { "login_method": { "id": "uuid-2" } } ] } ] } ] }"#,
    );
    let import = "policy import access files.json --idp staff=uuid-1 --idp partners=uuid-2 --json";
    let (code, output) = folder.json(import);
    assert_eq!(code, 1);
    let document = &output["documents"][0];
    assert_eq!(document["sign_in"]["idps"], serde_json::json!(["staff", "partners"]));
    assert_eq!(document["sign_in"]["max_age"], "900s");
    assert_eq!(
        document["rules"][0]["allow"],
        serde_json::json!({ "any": [
            { "all": [{ "idp": ["staff"] }, { "group": "HR" }] },
            { "idp": ["partners"] },
        ] })
    );
    assert!(output["notes"][0]["says"].as_str().unwrap().starts_with("1 of 3"), "{output}");
}
