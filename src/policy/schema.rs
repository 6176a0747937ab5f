//! The JSON Schema of a policy document, so that editors complete words and mark errors.

use serde_json::{Map, Value, json};

use super::{headers, language, rules};
use crate::limits;

/// The schema (JSON Schema 2020-12). It says less than the loader: of paths, addresses and dates it
/// knows the outline only.
pub fn schema() -> Value {
    let mut document = closed(
        &["name", "hosts", "sign_in", "rules"],
        vec![
            ("$schema", text("Where this schema is.")),
            ("name", text("What people call the application.")),
            ("look", look()),
            ("hosts", array(text("A host in lower case; *.example.com stands for one label."))),
            (
                "ignore_case",
                told(json!({ "const": true }), "The application takes /HR and /hr for one."),
            ),
            ("headers", headers()),
            (
                "assertion",
                closed(
                    &["attributes"],
                    vec![("attributes", array(text("Our name for an attribute.")))],
                ),
            ),
            ("cors", cors()),
            (
                "hide_refused",
                told(
                    json!({ "const": true }),
                    "Who is refused sees the same as where there is nothing.",
                ),
            ),
            ("sign_in", sign_in()),
            (
                "apps",
                told(
                    array(text("A host in lower case.")),
                    "Hosts of other applications that people find on /.access/apps.",
                ),
            ),
            (
                "explain",
                told(condition_here(), "Who may see on /.access/explain how requests are decided."),
            ),
            ("rules", json!({ "type": "array", "items": rule() })),
            ("include", array(text("A file with sets that documents share, beside this one."))),
            (
                "sets",
                told(
                    json!({ "type": "object", "additionalProperties": condition_here() }),
                    "Conditions with a name, for { \"set\": … }.",
                ),
            ),
            (
                "expect",
                told(
                    json!({ "type": "array", "items": expectation() }),
                    "The document's own tests, which `policy test` runs.",
                ),
            ),
            ("release", told(release(), "Written by `vestibule publish`; not by hand.")),
        ],
    );
    let about = [
        ("$schema", json!("https://json-schema.org/draft/2020-12/schema")),
        ("title", json!("A Vestibule policy document")),
        ("$defs", json!({ "condition": condition() })),
    ];
    if let Some(members) = document.as_object_mut() {
        members.extend(about.map(|(key, value)| (key.to_owned(), value)));
    }
    document
}

fn look() -> Value {
    let short = |about, letters: usize| {
        let mut text = text(about);
        set(&mut text, "maxLength", json!(letters));
        text
    };
    let look = closed(
        &[],
        vec![
            ("about", short("What the application is for, in a few words.", limits::ABOUT)),
            ("icon", short("A sign or two letters that stand for it.", limits::ICON)),
            ("start", told(json!({ "type": "string", "pattern": "^/" }), "Where it begins.")),
            (
                "logo",
                told(
                    json!({ "type": "string", "pattern": "^data:image/(png|svg\\+xml);base64,",
                        "maxLength": limits::LOGO }),
                    "A picture above every page, as a data: address.",
                ),
            ),
            (
                "accent",
                told(
                    json!({ "type": "string", "pattern": "^#[0-9A-Fa-f]{6}$" }),
                    "The colour of buttons and links, dark enough to read white text on it.",
                ),
            ),
            ("contact", text("Whom to ask: a mail address or an https address.")),
        ],
    );
    told(look, "How the gate's pages look, and whom people may ask.")
}

fn headers() -> Value {
    let attribute = json!({ "type": "string", "pattern": format!("^{}.", headers::ATTRIBUTE) });
    let tells = json!({ "anyOf": [{ "enum": headers::TOLD }, attribute] });
    let own = json!({ "type": "object", "additionalProperties": tells });
    let one = json!({ "anyOf": [{ "enum": headers::presets() }, own] });
    told(array(one), "Headers that tell the application who asks, besides X-Access-….")
}

fn cors() -> Value {
    let answer = closed(
        &["origins"],
        vec![
            ("origins", array(text("Whose scripts may ask, such as https://spa.example.com."))),
            ("methods", array(json!({ "enum": rules::METHODS }))),
            ("headers", array(json!({ "type": "string", "pattern": "^[a-z0-9-]+$" }))),
            ("credentials", told(json!({ "const": true }), "With cookies.")),
            ("max_age", told(duration(), "How long a browser may remember the answer.")),
        ],
    );
    told(
        json!({ "anyOf": [{ "const": "pass" }, answer] }),
        "Preflights go to the application without a sign-in, or are answered by the gate.",
    )
}

fn sign_in() -> Value {
    let duration = |about| told(duration(), about);
    closed(
        &["idps"],
        vec![
            ("idps", array(text("The id of an identity provider, the <id> of idp/<id>."))),
            (
                "max_age",
                duration("How long a session lasts; 12h where nothing is said, 30d at most."),
            ),
            ("idle", duration("How long a session lasts without a request.")),
            ("auth_host", text("The host that signs people in for this one and others.")),
            (
                "keep_fragment",
                told(
                    json!({ "const": true }),
                    "A sign-in brings the #fragment of an address back.",
                ),
            ),
        ],
    )
}

fn release() -> Value {
    closed(
        &["number", "digest", "author", "time"],
        vec![
            ("number", json!({ "type": "integer", "minimum": 1 })),
            ("digest", json!({ "type": "string", "pattern": "^[0-9A-Fa-f]{64}$" })),
            ("author", text("Who published it.")),
            ("time", text("When.")),
            ("note", text("What the author said of it.")),
        ],
    )
}

fn rule() -> Value {
    let mut rule = closed(
        &["path"],
        vec![
            (
                "path",
                told(
                    json!({ "type": "string", "pattern": "^/" }),
                    "Which paths: * is one segment, a last ** the path itself and all below.",
                ),
            ),
            ("methods", array(json!({ "enum": rules::METHODS }))),
            (
                "allow",
                told(condition_here(), "Lets in whoever is signed in and meets the condition."),
            ),
            (
                "deny",
                told(
                    json!({ "anyOf": [{ "const": true }, condition_here()] }),
                    "Keeps out whoever meets the condition, here and below. It always wins.",
                ),
            ),
            (
                "public",
                told(
                    json!({ "enum": [true, "with-identity"] }),
                    "Lets in everybody, and tells the application who is signed in only if it says so.",
                ),
            ),
            ("why", text("The reason, which people who are refused get to read.")),
            ("until", text("The date after which it no longer allows, such as 2027-03-31.")),
            ("mode", told(json!({ "const": "report" }), "Decided and logged, not enforced.")),
            (
                "allow_encoded_slash",
                told(
                    json!({ "const": true }),
                    "Lets %2F stand inside a name, as package registries write it.",
                ),
            ),
        ],
    );
    let effects = rules::EFFECTS.iter().map(|effect| json!({ "required": [effect] }));
    set(&mut rule, "oneOf", effects.collect());
    set(&mut rule, "dependentRequired", json!({ "allow_encoded_slash": ["allow"] }));
    rule
}

/// A condition in full; elsewhere it is referred to.
fn condition() -> Value {
    let mut object = closed(
        &[],
        vec![
            (
                "group",
                one_or_more(text("A group, letter for letter as the identity provider sends it.")),
            ),
            ("email", one_or_more(text("A mail address."))),
            ("email_domain", one_or_more(text("A domain, compared as a whole."))),
            (
                "attribute",
                closed(
                    language::ATTRIBUTE,
                    vec![
                        ("name", text("Our name for the attribute.")),
                        ("value", one_or_more(text("A value that does."))),
                    ],
                ),
            ),
            ("idp", one_or_more(text("The id of an identity provider."))),
            ("authn_context", one_or_more(text("An AuthnContextClassRef."))),
            ("signed_in_within", told(duration(), "Signed in at most so long ago.")),
            ("ip", one_or_more(text("An address or network, such as 192.0.2.0/24."))),
            ("country", one_or_more(json!({ "type": "string", "pattern": "^[A-Z0-9]{2}$" }))),
            ("asn", one_or_more(json!({ "type": "integer", "minimum": 0 }))),
            ("client_certificate", certificate()),
            ("service", one_or_more(text("The id of a service, the <id> of service/<id>."))),
            ("set", text("A name under sets.")),
            ("any", array(condition_here())),
            ("all", array(condition_here())),
            ("not", condition_here()),
        ],
    );
    set(&mut object, "minProperties", json!(1));
    set(&mut object, "maxProperties", json!(1));
    json!({ "anyOf": [{ "enum": language::WORDS }, object] })
}

fn certificate() -> Value {
    let mut named = closed(
        &[],
        vec![
            ("issuer", text("Distinguished name of the issuer.")),
            ("subject", text("Distinguished name of the holder.")),
            ("sha256", json!({ "type": "string", "pattern": "^[0-9A-Fa-f]{64}$" })),
        ],
    );
    set(&mut named, "minProperties", json!(1));
    json!({ "anyOf": [{ "const": true }, named] })
}

fn expectation() -> Value {
    let path = |about| told(json!({ "type": "string" }), about);
    closed(
        &["then"],
        vec![
            ("as", told(person(), "Who asks; nobody is signed in without it.")),
            ("get", path("The path of a GET.")),
            ("post", path("The path of a POST.")),
            ("put", path("The path of a PUT.")),
            ("patch", path("The path of a PATCH.")),
            ("delete", path("The path of a DELETE.")),
            ("method", text("Another method, beside path.")),
            ("path", path("The path, beside method.")),
            ("ip", text("Where the request comes from.")),
            ("country", text("The country it comes from.")),
            ("asn", json!({ "type": "integer", "minimum": 0 })),
            ("at", text("When, such as 2027-03-31T12:00:00Z.")),
            ("then", json!({ "enum": ["allow", "deny", "sign-in"] })),
            ("because", text("The path of the rule that decides.")),
        ],
    )
}

fn person() -> Value {
    let texts = |about| json!({ "type": "array", "items": text(about) });
    closed(
        &[],
        vec![
            ("email", text("Their mail address.")),
            ("groups", texts("A group of theirs.")),
            ("idp", text("Where they signed in.")),
            ("name_id", text("Their NameID.")),
            (
                "attributes",
                json!({
                    "type": "object",
                    "additionalProperties": one_or_more(text("A value.")),
                }),
            ),
            ("authn_context", text("By which means they signed in.")),
            ("signed_in_ago", duration()),
            ("service", text("A service that asks, instead of a person.")),
        ],
    )
}

/// An object with these members and no others.
fn closed(required: &[&str], members: Vec<(&str, Value)>) -> Value {
    let members: Map<String, Value> =
        members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    json!({ "type": "object", "additionalProperties": false, "required": required,
        "properties": members })
}

fn set(schema: &mut Value, key: &str, value: Value) {
    if let Some(members) = schema.as_object_mut() {
        members.insert(key.to_owned(), value);
    }
}

fn told(mut schema: Value, about: &str) -> Value {
    set(&mut schema, "description", json!(about));
    schema
}

fn text(about: &str) -> Value {
    told(json!({ "type": "string", "minLength": 1 }), about)
}

fn duration() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]+[smhd]$" })
}

fn array(items: Value) -> Value {
    json!({ "type": "array", "minItems": 1, "items": items })
}

fn one_or_more(one: Value) -> Value {
    json!({ "anyOf": [one.clone(), array(one)] })
}

fn condition_here() -> Value {
    json!({ "$ref": "#/$defs/condition" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{cors, expect, load, look, release};

    #[test]
    fn it_knows_the_words_of_the_loader_and_no_others() {
        let schema = schema();
        let table: &[(&str, &[&str])] = &[
            ("", load::DOCUMENT),
            ("/properties/look", look::LOOK),
            ("/properties/sign_in", load::SIGN_IN),
            ("/properties/assertion", load::ASSERTION),
            ("/properties/cors/anyOf/1", cors::ANSWER),
            ("/properties/release", release::RELEASE),
            ("/properties/rules/items", rules::RULE),
            ("/$defs/condition/anyOf/1", language::KEYS),
            ("/properties/expect/items", expect::CASE),
            ("/properties/expect/items/properties/as", expect::PERSON),
        ];
        for (place, words) in table {
            let members = &schema.pointer(place).unwrap()["properties"];
            let mut known: Vec<&str> =
                members.as_object().unwrap().keys().map(String::as_str).collect();
            let mut words = words.to_vec();
            known.sort_unstable();
            words.sort_unstable();
            assert_eq!(known, words, "{place}");
        }
    }
}
