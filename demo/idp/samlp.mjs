import { createPublicKey } from 'node:crypto';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

const samlp = createRequire(import.meta.url)('samlp');

const bindings = 'urn:oasis:names:tc:SAML:2.0:bindings';

/** An AuthnRequest as it came by Redirect (deflated) or by POST. */
export const readRequest = (samlRequest) =>
  promisify(samlp.parseRequest)({ method: 'GET', query: { SAMLRequest: samlRequest } }, {});

/** samlp's own metadata. With `postOnly` the Redirect endpoint is left out, as JumpCloud leaves it out. */
export function metadata({ entityId, base, cert, postOnly }) {
  let xml;
  samlp.metadata({
    issuer: entityId,
    cert,
    redirectEndpointPath: '/sso',
    postEndpointPath: '/sso',
    logoutEndpointPaths: {},
    profileMapper: Mapper,
  })(
    { headers: { host: new URL(base).host }, protocol: 'http', originalUrl: '/metadata' },
    { set() {}, send: (text) => (xml = text) },
  );
  const redirect = new RegExp(`\\s*<SingleSignOnService Binding="${bindings}:HTTP-Redirect"[^>]*>`);
  return postOnly ? xml.replace(redirect, '') : xml;
}

/** What the sample IdP says about a person: e-mail and groups, several values in one attribute. */
class Mapper {
  constructor(person) {
    this.person = person;
  }
  getClaims() {
    const { email, groups } = this.person;
    return { email, groups };
  }
  getNameIdentifier() {
    return {
      nameIdentifier: this.person.email,
      nameIdentifierFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    };
  }
}
Mapper.prototype.metadata = [];

/** samlp's options for encrypting, where it is wanted: RSA-OAEP with SHA-1 is what it has. */
const encryption = (wanted) =>
  wanted && {
    encryptionCert: wanted.cert,
    encryptionPublicKey: createPublicKey(wanted.cert).export({ type: 'spki', format: 'pem' }),
    encryptionAlgorithm: wanted.data,
    disallowEncryptionWithInsecureAlgorithm: false,
    warnOnInsecureEncryptionAlgorithm: false,
  };

/**
 * A signed SAML Response. `sign` is 'assertion', 'response' or 'both'; `encrypt` encrypts the
 * assertion.
 */
export const respond = promisify((options, person, done) =>
  samlp.getSamlResponse(
    {
      signatureAlgorithm: 'rsa-sha256',
      digestAlgorithm: 'sha256',
      lifetimeInSeconds: 300,
      authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
      profileMapper: (user) => new Mapper(user),
      signAssertion: options.sign !== 'response',
      signResponse: options.sign === 'response' || options.sign === 'both',
      ...encryption(options.encrypt),
      ...options,
    },
    person,
    done,
  ),
);
