import { signAssertion } from '../../tests/http/forge.mjs';

export const entityId = 'https://app.example/.access/metadata';
export const acs = 'https://app.example/.access/acs';
export const idpEntityId = 'https://idp.example/metadata';
export const requestId = '_6f1c2f0a4a2b4b7ea6d1b7a4d3c2e1f0';

const schema = 'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
const typed = (value) => `<saml:AttributeValue ${schema} xsi:type="xs:string">${value}</saml:AttributeValue>`;
const format = 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic';
const attribute = (name, values) =>
  `<saml:Attribute Name="${name}" NameFormat="${format}">${values.map(typed).join('')}</saml:Attribute>`;

const person = {
  email: 'alice@example.com',
  firstname: 'Alice',
  lastname: 'Archer',
  displayname: 'Alice Archer',
  department: 'Human Resources',
  employee_number: '00012345',
};

/** A response as identity providers send it, its assertion signed with RSA and SHA-256, in base64. */
export function response({ keys, now, groups, others = 0 }) {
  const at = (seconds) => new Date((now + seconds) * 1000).toISOString().replace(/\.\d+/, '');
  const named = (name, count) => Array.from({ length: count }, (_, index) => `${name}-${String(index).padStart(4, '0')}`);
  const xml = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_d1e0b2c4a69f4c1e9c76e2a8c0f2d6b1" Version="2.0" IssueInstant="${at(0)}" Destination="${acs}" InResponseTo="${requestId}">
<saml:Issuer>${idpEntityId}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
<saml:Assertion ID="_a75adf55c70f4c0f8e6ba3c8f3d1f5f3" Version="2.0" IssueInstant="${at(0)}">
<saml:Issuer>${idpEntityId}</saml:Issuer>
<saml:Subject>
<saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">${person.email}</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${at(7200)}" Recipient="${acs}" InResponseTo="${requestId}"/></saml:SubjectConfirmation>
</saml:Subject>
<saml:Conditions NotBefore="${at(-300)}" NotOnOrAfter="${at(7200)}"><saml:AudienceRestriction><saml:Audience>${entityId}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="${at(-60)}" SessionIndex="_be9967abd904ddcae3c0eb4189adbe3f"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement>${Object.entries(person).map(([name, value]) => attribute(name, [value])).join('')}${groups ? attribute('memberOf', named('Group', groups)) : ''}${others ? attribute('other', named('Value', others)) : ''}</saml:AttributeStatement>
</saml:Assertion>
</samlp:Response>`;
  return Buffer.from(signAssertion(xml, keys)).toString('base64');
}

export const metadata = ({ cert }) => `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${idpEntityId}">
<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${cert.replace(/-----[^-]+-----|\s/g, '')}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/>
</IDPSSODescriptor></EntityDescriptor>`;
