//! Signatures of another shape, validly signed.

use super::*;

/// Changes the template, signs it validly, and names the refusal.
fn check_templates(cases: &[(&str, &str, Refusal)]) {
    assert!(outcome(&sign(ASSERTION, "_a"), &["rsa"]).is_ok());
    for (from, to, refusal) in cases {
        let template = TEMPLATE.replacen(from, to, 1);
        assert_ne!(template, TEMPLATE, "{from} is not in the template");
        let signed = sign_with(ASSERTION, "_a", &Signing { template, ..Signing::default() });
        assert_eq!(outcome(&signed, &["rsa"]), Err(*refusal), "{to}");
    }
}

#[test]
fn signature_reference() {
    check_templates(&[
        (r##"URI="#{id}""##, r#"URI="""#, SignatureReference),
        (r##"URI="#{id}""##, "", SignatureReference),
        (r##"URI="#{id}""##, r##"URI="#""##, SignatureReference),
        (r##"URI="#{id}""##, r#"URI="{id}""#, SignatureReference),
        (r##"URI="#{id}""##, r##"URI="#{id} ""##, SignatureReference),
        (r##"URI="#{id}""##, r##"URI="#_A""##, SignatureReference),
        (r##"URI="#{id}""##, r##"URI="#xpointer(/)""##, SignatureReference),
        (r##"URI="#{id}""##, r##"URI="#xpointer(id('{id}'))""##, SignatureReference),
        (r##"URI="#{id}""##, r#"URI="http://idp.example/x""#, SignatureReference),
        (r##"URI="#{id}""##, r##"URI="http://idp.example/#{id}""##, SignatureReference),
        (r##"URI="#{id}""##, r#"URI="cid:{id}""#, SignatureReference),
        (r##"URI="#{id}""##, r##"URI="#{id}" Type="urn:x""##, SignatureShape),
        (r##"URI="#{id}""##, r##"xmlns:x="urn:x" x:URI="#{id}""##, SignatureShape),
    ]);
}

#[test]
fn signature_transform() {
    const ENVELOPED: &str =
        r#"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>"#;
    const EXCLUSIVE: &str =
        r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#;
    let xpath = format!(
        r#"{ENVELOPED}<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath></ds:Transform>"#
    );
    let both = format!("{ENVELOPED}{EXCLUSIVE}");
    let reordered = format!("{EXCLUSIVE}{ENVELOPED}");
    let three = format!("{EXCLUSIVE}{EXCLUSIVE}");
    let with =
        |algorithm: &str| EXCLUSIVE.replace("http://www.w3.org/2001/10/xml-exc-c14n#", algorithm);
    let many = EXCLUSIVE.repeat(500);
    check_templates(&[
        (&both, "", SignatureTransform),
        (&both, &reordered, SignatureTransform),
        (ENVELOPED, "", SignatureTransform),
        (EXCLUSIVE, "", SignatureTransform),
        (ENVELOPED, &xpath, SignatureTransform),
        (EXCLUSIVE, &three, SignatureTransform),
        (EXCLUSIVE, &many, SignatureTransform),
        (
            EXCLUSIVE,
            &with("http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
            SignatureTransform,
        ),
        (EXCLUSIVE, &with("http://www.w3.org/TR/2001/REC-xml-c14n-20010315"), SignatureTransform),
        (EXCLUSIVE, &with("http://www.w3.org/2006/12/xml-c14n11"), SignatureTransform),
        (EXCLUSIVE, &with("http://www.w3.org/2000/09/xmldsig#base64"), SignatureTransform),
        (EXCLUSIVE, &with("http://www.w3.org/TR/1999/REC-xslt-19991116"), SignatureTransform),
        (
            r#"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#,
            r#"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>"#,
            SignatureTransform,
        ),
        (
            r#"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#,
            r#"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#WithComments"/>"#,
            SignatureTransform,
        ),
    ]);
}

#[test]
fn signature_shape() {
    let reference = &TEMPLATE[TEMPLATE.find("<ds:Reference").unwrap()
        ..TEMPLATE.find("</ds:Reference>").unwrap() + "</ds:Reference>".len()];
    let info = &TEMPLATE[TEMPLATE.find("<ds:SignedInfo>").unwrap()
        ..TEMPLATE.find("</ds:SignedInfo>").unwrap() + "</ds:SignedInfo>".len()];
    let two_references = reference.repeat(2);
    let other_first = format!("{}{reference}", reference.replace("{id}", "_other"));
    let two_infos = info.repeat(2);
    let nested = info.replace("<ds:SignedInfo>", &format!("<ds:SignedInfo>{info}"));
    let object =
        format!("</ds:SignatureValue><ds:Object>{}</ds:Object>", ASSERTION.replace("_a", "_o"));
    let key_info = |inside: &str| format!("</ds:SignatureValue><ds:KeyInfo>{inside}</ds:KeyInfo>");
    let hidden = key_info(&ASSERTION.replace("_a", "_o"));
    let object_in_key_info = key_info("<ds:Object/>");
    let info_in_key_info = key_info(info);
    check_templates(&[
        (reference, &two_references, SignatureShape),
        (reference, &other_first, SignatureShape),
        (reference, "", SignatureShape),
        (info, &two_infos, SignatureShape),
        (info, &nested, SignatureShape),
        (info, "", SignatureShape),
        ("</ds:SignatureValue>", &object, SignatureShape),
        ("</ds:SignatureValue>", &hidden, SignatureShape),
        ("</ds:SignatureValue>", &object_in_key_info, SignatureShape),
        ("</ds:SignatureValue>", &info_in_key_info, SignatureShape),
        ("</ds:SignatureValue>", "</ds:SignatureValue><ds:SignatureValue/>", SignatureShape),
        ("<ds:SignatureValue>", "text<ds:SignatureValue>", SignatureShape),
        ("<ds:DigestValue>", "<ds:DigestValue><ds:x/>", SignatureShape),
        ("</ds:DigestValue>", "</ds:DigestValue><ds:DigestValue/>", SignatureShape),
        (
            r#"<ds:SignatureMethod Algorithm="{method}"/>"#,
            r#"<ds:SignatureMethod Algorithm="{method}"><ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>"#,
            SignatureShape,
        ),
        (r#"<ds:SignatureMethod Algorithm="{method}"/>"#, "", SignatureShape),
        (r#"<ds:SignatureMethod Algorithm="{method}"/>"#, "<ds:SignatureMethod/>", SignatureShape),
        (r#"<ds:DigestMethod Algorithm="{digest-method}"/>"#, "", SignatureShape),
        ("<ds:SignedInfo>", "<ds:SignedInfo foo='bar'>", SignatureShape),
        ("<ds:SignedInfo>", "<ds:SignedInfo>text", SignatureShape),
        ("{digest}</ds:DigestValue>", "</ds:DigestValue>", SignatureEncoding),
        ("{digest}</ds:DigestValue>", "AAAA</ds:DigestValue>", SignatureEncoding),
        ("{digest}</ds:DigestValue>", "{digest}=</ds:DigestValue>", SignatureEncoding),
    ]);
}

#[test]
fn signature_algorithm() {
    let method = "SignatureMethod Algorithm=\"{method}\"";
    let digest = "DigestMethod Algorithm=\"{digest-method}\"";
    let named = |element: &str, uri: &str| format!("{element} Algorithm=\"{uri}\"");
    let m = |uri| named("SignatureMethod", uri);
    let d = |uri| named("DigestMethod", uri);
    check_templates(&[
        (method, &m("http://www.w3.org/2000/09/xmldsig#rsa-sha1"), SignatureSha1),
        (method, &m("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1"), SignatureSha1),
        (method, &m("http://www.w3.org/2000/09/xmldsig#hmac-sha1"), SignatureAlgorithm),
        (method, &m("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"), SignatureAlgorithm),
        (method, &m("http://www.w3.org/2001/04/xmldsig-more#rsa-md5"), SignatureAlgorithm),
        (method, &m("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"), SignatureAlgorithm),
        (method, &m("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256 "), SignatureAlgorithm),
        (method, &m(""), SignatureAlgorithm),
        (digest, &d("http://www.w3.org/2000/09/xmldsig#sha1"), SignatureSha1),
        (digest, &d("http://www.w3.org/2001/04/xmldsig-more#md5"), SignatureAlgorithm),
    ]);
}
