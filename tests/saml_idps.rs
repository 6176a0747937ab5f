//! An honest response of each identity provider, in the shape in which it sends them: metadata and
//! response from tests/idps, attribute names from the preset, signed with the keys of the tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod support;

use support::idps::{IDPS, metadata};
use support::response::{NOW, Signed, accept_from};
use support::{ECDSA_SHA384, EXCLUSIVE, SHA384, Signing, TEMPLATE, path, sign_with};
use vestibule::identity::Subject;
use vestibule::refusals::Refusal::{self, *};
use vestibule::saml::idp::{IdentityProvider, IdpDocument};
use vestibule::saml::presets::presets;

const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
const EMAIL: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";

/// How one of them signs, and what comes of its response.
struct Case {
    idp: &'static str,
    key: &'static str,
    signed: Signed,
    /// IDs of response and assertion.
    ids: [&'static str; 2],
    /// Prefix of the signature's elements; empty for a default namespace.
    prefix: &'static str,
    prefix_list: Option<&'static str>,
    key_info: &'static str,
    email: &'static str,
    name_id: &'static str,
    format: Option<&'static str>,
    groups: &'static [&'static str],
    others: &'static [(&'static str, &'static [&'static str])],
}

const PLAIN: Case = Case {
    idp: "",
    key: "rsa",
    signed: Signed::Assertion,
    ids: ["", ""],
    prefix: "ds",
    prefix_list: None,
    key_info: "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
    email: "alice@example.com",
    name_id: "alice@example.com",
    format: Some(UNSPECIFIED),
    groups: &["HR"],
    others: &[],
};

const KEYCLOAK: Case = Case {
    idp: "keycloak",
    signed: Signed::Response,
    ids: ["ID_00000000-1111-2222-3333-000000000001", "ID_00000000-1111-2222-3333-000000000002"],
    prefix: "dsig",
    key_info: "<ds:KeyInfo><ds:KeyName>the-key-of-this-realm</ds:KeyName></ds:KeyInfo>",
    name_id: "G-00000000-1111-2222-3333-444444444444",
    format: Some(TRANSIENT),
    groups: &["HR", "HR/Payroll"],
    others: &[("role", &["view-profile", "offline_access"])],
    ..PLAIN
};

const CASES: [Case; IDPS.len()] = [
    Case {
        idp: "adfs",
        key: "rsa-other",
        ids: ["_00000000-1111-2222-3333-000000000001", "_00000000-1111-2222-3333-000000000002"],
        format: Some(EMAIL),
        groups: &["Domain Users", "HR"],
        ..PLAIN
    },
    Case {
        idp: "auth0",
        ids: ["_a0b1c2d3", "_b0b1c2d3"],
        prefix: "",
        name_id: "auth0|0123456789abcdef",
        others: &[("role", &["Editor"])],
        ..PLAIN
    },
    Case {
        idp: "entra",
        ids: ["_00000000-1111-2222-3333-000000000001", "_00000000-1111-2222-3333-000000000002"],
        prefix: "",
        name_id: "alice.long@corp.example.com",
        format: Some(EMAIL),
        groups: &["0000000a-0000-0000-0000-000000000000", "0000000b-0000-0000-0000-000000000000"],
        others: &[("object_id", &["a11ce000-0000-0000-0000-000000000000"]), ("role", &["Editor"])],
        ..PLAIN
    },
    Case { idp: "google", ids: ["_a001", "_a002"], ..PLAIN },
    Case {
        idp: "jumpcloud",
        key: "rsa-4096",
        ids: [
            "R1A2B3C4D5E6F7A8B9C0D1E2F3A4B5C6D7E8F9A0B",
            "A1A2B3C4D5E6F7A8B9C0D1E2F3A4B5C6D7E8F9A0B",
        ],
        prefix_list: Some("xs"),
        groups: &["HR", "All, Everywhere; Everybody"],
        ..PLAIN
    },
    KEYCLOAK,
    Case { idp: "keycloak-old", ..KEYCLOAK },
    Case {
        idp: "okta",
        signed: Signed::Both,
        ids: ["id1001", "id1002"],
        prefix_list: Some("xs"),
        groups: &["Everyone", "HR"],
        ..PLAIN
    },
    Case {
        idp: "onelogin",
        signed: Signed::Both,
        ids: ["R0001", "pfxA0001"],
        format: Some(EMAIL),
        groups: &["HR", "All, Everywhere"],
        ..PLAIN
    },
    Case {
        idp: "pingfederate",
        key: "p384",
        ids: ["response.1", "assertion.1"],
        key_info: "",
        groups: &["CN=HR,OU=Groups,DC=example,DC=com"],
        ..PLAIN
    },
    Case {
        idp: "pingone",
        ids: ["response-1", "assertion-1"],
        key_info: "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>",
        format: None,
        ..PLAIN
    },
    Case {
        idp: "shibboleth",
        signed: Signed::Response,
        ids: ["_0000000000000000000000000000000a", "_0000000000000000000000000000000b"],
        prefix_list: Some("xsd"),
        email: "alice@example.org",
        name_id: "AAdzZWNyZXQx0000000000",
        format: Some(TRANSIENT),
        groups: &["urn:mace:example.org:HR"],
        others: &[("principal", &["alice@example.org"])],
        ..PLAIN
    },
    Case {
        idp: "simplesamlphp",
        signed: Signed::Both,
        ids: [
            "_000000000000000000000000000000000000000001",
            "_000000000000000000000000000000000000000002",
        ],
        email: "alice@example.org",
        name_id: "_00000000000000000000000000000000000000000a",
        format: Some(TRANSIENT),
        groups: &["HR", "Übung & mehr"],
        ..PLAIN
    },
];

impl Case {
    fn idp(&self) -> IdentityProvider {
        let preset = self.idp.trim_end_matches("-old");
        let document = IdpDocument {
            name: self.idp.to_owned(),
            metadata: metadata(self.idp),
            attributes: presets().remove(preset).unwrap().attributes,
            ..IdpDocument::default()
        };
        IdentityProvider::from_document(self.idp, document).unwrap()
    }

    fn response(&self) -> String {
        std::fs::read_to_string(path(&format!("idps/responses/{}.xml", self.idp))).unwrap()
    }

    fn sign(&self, xml: &str, what: Signed) -> String {
        let [response, assertion] = self.ids;
        match what {
            Signed::Nothing => xml.to_owned(),
            Signed::Assertion => self.sign_one(xml, assertion),
            Signed::Response => self.sign_one(xml, response),
            Signed::Both => self.sign_one(&self.sign_one(xml, assertion), response),
        }
    }

    fn sign_one(&self, xml: &str, id: &str) -> String {
        let mut template =
            TEMPLATE.replace("</ds:Signature>", &format!("{}</ds:Signature>", self.key_info));
        if let Some(list) = self.prefix_list {
            let bare = format!("<ds:Transform Algorithm=\"{EXCLUSIVE}\"/>");
            let listed = format!(
                "<ds:Transform Algorithm=\"{EXCLUSIVE}\"><ec:InclusiveNamespaces xmlns:ec=\"{EXCLUSIVE}\" PrefixList=\"{list}\"/></ds:Transform>"
            );
            template = template.replacen(&bare, &listed, 1);
        }
        let template = match self.prefix {
            "" => template.replace("<ds:", "<").replace("</ds:", "</").replace("xmlns:ds", "xmlns"),
            prefix => template
                .replace("ds:", &format!("{prefix}:"))
                .replace("xmlns:ds", &format!("xmlns:{prefix}")),
        };
        let prefixes: Vec<_> = self.prefix_list.into_iter().collect();
        let mut how =
            Signing { key: self.key, template, prefixes: &prefixes, ..Signing::default() };
        if self.key == "p384" {
            (how.method, how.digest_method) = (ECDSA_SHA384, SHA384);
        }
        sign_with(xml, id, &how)
    }

    fn accepted(&self, xml: &str, now: i64) -> Result<Subject, Refusal> {
        accept_from(&self.idp(), xml.as_bytes(), now).map(|accepted| accepted.subject)
    }
}

fn case(idp: &str) -> Case {
    CASES.into_iter().find(|case| case.idp == idp).unwrap()
}

#[test]
fn every_identity_provider_as_it_is() {
    for (case, name) in CASES.iter().zip(IDPS) {
        assert_eq!(case.idp, name, "a case each");
        let xml = case.sign(&case.response(), case.signed);
        let subject =
            case.accepted(&xml, NOW).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_eq!(subject.email.as_ref().unwrap().as_str(), case.email, "{name}");
        assert_eq!(subject.name_id, case.name_id, "{name}");
        assert_eq!(subject.name_id_format.as_deref(), case.format, "{name}");
        assert_eq!(subject.groups, case.groups, "{name}");
        let others: Vec<_> =
            subject.attributes.iter().map(|(ours, sent)| (ours.as_str(), sent.clone())).collect();
        let wanted: Vec<_> = case
            .others
            .iter()
            .map(|(ours, sent)| (*ours, sent.iter().map(|value| (*value).to_owned()).collect()))
            .collect();
        assert_eq!(others, wanted, "{name}");
    }
}

/// Whichever box is ticked at the identity provider.
#[test]
fn every_identity_provider_signing_otherwise() {
    for case in &CASES {
        for what in [Signed::Assertion, Signed::Response, Signed::Both] {
            // SAML bindings 3.5.5.2: a signed response names its destination.
            let xml = case.response();
            let named = match xml.contains("Destination=") {
                true => xml,
                false => xml.replacen(
                    " Version=",
                    " Destination=\"https://app.example/.access/acs\" Version=",
                    1,
                ),
            };
            let found = case.accepted(&case.sign(&named, what), NOW);
            assert_eq!(found.err(), None, "{} {what:?}", case.idp);
        }
        let unsigned = case.accepted(&case.response(), NOW);
        assert_eq!(unsigned.err(), Some(SignatureMissing), "{}", case.idp);
    }
}

/// The key of another identity provider, and of the same one by another role (Entra ID's WS-Fed key
/// in a RoleDescriptor, the service provider's key of AD FS), signs nothing.
#[test]
fn keys_are_those_of_the_identity_provider_role() {
    for case in CASES {
        let name = case.idp;
        let foreign = Case { key: "sp", ..case };
        let xml = foreign.sign(&foreign.response(), foreign.signed);
        let refusal = if name == "pingfederate" { SignatureKeyFamily } else { SignatureWrong };
        assert_eq!(foreign.accepted(&xml, NOW).err(), Some(refusal), "{name}");
    }
    for (name, key) in [("entra", "p256"), ("adfs", "p384")] {
        let other = Case { key, ..case(name) };
        let how = |xml: &str| {
            let mut how = Signing { key, ..Signing::default() };
            how.method = if key == "p384" { ECDSA_SHA384 } else { support::ECDSA_SHA256 };
            sign_with(xml, other.ids[1], &how)
        };
        let refused = other.accepted(&how(&other.response()), NOW).err();
        assert_eq!(refused, Some(SignatureKeyFamily), "{name}");
    }
}

/// From when to when each is taken, in seconds from when it is sent, with a minute of skew. Nothing
/// is taken more than that minute before its IssueInstant, however early NotBefore is.
#[test]
fn time_windows() {
    for (name, begins, ends) in [
        ("keycloak", -60, 117),
        ("jumpcloud", -60, 660),
        ("entra", -61, 3659),
        ("google", -60, 360),
        ("adfs", -60, 360),
        ("auth0", -60, 3660),
    ] {
        let case = case(name);
        let xml = case.sign(&case.response(), case.signed);
        let at = |seconds: i64| case.accepted(&xml, NOW + seconds).err();
        assert_eq!((at(begins - 1), at(begins)), (Some(NotYetValid), None), "{name}");
        assert_eq!((at(ends - 1), at(ends)), (None, Some(Expired)), "{name}");
    }
}

/// OneLogin can send an empty Destination, and `{audience}` where nobody set one.
#[test]
fn what_onelogin_sends_unfinished() {
    let case = case("onelogin");
    let xml = case.response();
    let destination =
        xml.replace("Destination=\"https://app.example/.access/acs\"", "Destination=\"\"");
    let audience = xml.replace(
        "<saml:Audience>https://app.example/.access/metadata<",
        "<saml:Audience>{audience}<",
    );
    for (xml, refusal) in [(destination, DestinationMismatch), (audience, AudienceMismatch)] {
        let found = case.accepted(&case.sign(&xml, Signed::Assertion), NOW);
        assert_eq!(found.err(), Some(refusal));
    }
}

/// Without a box that is off by default JumpCloud sends no attribute at all.
#[test]
fn jumpcloud_without_attributes() {
    let case = case("jumpcloud");
    let xml = case.response();
    let (start, end) =
        (xml.find("<saml:AttributeStatement").unwrap(), xml.find("</saml:Assertion>").unwrap());
    let xml = case.sign(&[&xml[..start], &xml[end..]].concat(), case.signed);
    let subject = case.accepted(&xml, NOW).unwrap();
    assert_eq!(subject.email.as_ref().unwrap().as_str(), "alice@example.com");
    assert!(subject.groups.is_empty());
}

/// Entra ID, for somebody in more than 150 groups (SEC-31).
#[test]
fn groups_elsewhere() {
    let case = case("entra");
    let groups = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups\"";
    let xml = case.response().replace(groups, "http://schemas.microsoft.com/claims/groups.link\"");
    let xml = case.sign(&xml, case.signed);
    assert_eq!(case.accepted(&xml, NOW).err(), Some(GroupsElsewhere));
    // Whoever reads no groups misses none.
    let mut idp = case.idp();
    idp.attributes.groups.clear();
    assert!(accept_from(&idp, xml.as_bytes(), NOW).is_ok());
}

/// Keycloak's NameID can be a user name, which people choose: it is nobody's mail address.
#[test]
fn keycloak_user_names_are_not_addresses() {
    let case = case("keycloak");
    let xml = case.response().replace(case.name_id, "boss@example.com");
    let without = xml.replace("Name=\"email\"", "Name=\"mail\"");
    let subject = |xml: &str| case.accepted(&case.sign(xml, case.signed), NOW).unwrap();
    assert_eq!(subject(&xml).email.as_ref().unwrap().as_str(), "alice@example.com");
    assert_eq!(subject(&without).email, None);
}
