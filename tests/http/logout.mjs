import { createSign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

const SIG_ALG = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const bindings = 'urn:oasis:names:tc:SAML:2.0:bindings';

/** The sample identity provider's documents, with a logout service in the metadata. */
export const withLogout = (binding) => (all) => {
  const service = `<SingleLogoutService Binding="${bindings}:${binding}" Location="http://localhost:1/slo"/>`;
  const changed = ([key, text]) => {
    if (!key.startsWith('idp/')) return [key, text];
    const document = JSON.parse(text);
    document.metadata = document.metadata.replace(/<SingleLogoutService[^>]*>/g, '').replace('<SingleSignOnService', `${service}$&`);
    return [key, JSON.stringify(document)];
  };
  return Object.fromEntries(Object.entries(all).map(changed));
};

export const logoutRequest = (stack, { nameId = 'alice@example.com', index = '' } = {}) =>
  `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"
    ID="_${crypto.randomUUID()}" Version="2.0" IssueInstant="${new Date().toISOString()}" Destination="${stack.base}/.access/slo"
    ><saml:Issuer>${stack.idp.entityId}</saml:Issuer><saml:NameID>${nameId}</saml:NameID>${index}</samlp:LogoutRequest>`;

/** The query of a message signed by `keys` (SAML bindings 3.4.4.1). */
export function signedQuery(xml, keys, relayState = 'theirs') {
  const message = encodeURIComponent(deflateRawSync(xml).toString('base64'));
  const octets = `SAMLRequest=${message}&RelayState=${relayState}&SigAlg=${encodeURIComponent(SIG_ALG)}`;
  const signature = createSign('sha256').update(octets).sign(keys.key, 'base64');
  return `${octets}&Signature=${encodeURIComponent(signature)}`;
}
