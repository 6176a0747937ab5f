import { webcrypto as crypto, X509Certificate } from 'node:crypto';

const xenc = 'http://www.w3.org/2001/04/xmlenc#';
const xenc11 = 'http://www.w3.org/2009/xmlenc11#';
const ds = 'http://www.w3.org/2000/09/xmldsig#';

export const gcm = [`${xenc11}aes128-gcm`, `${xenc11}aes256-gcm`];
export const cbc = [`${xenc}aes128-cbc`, `${xenc}aes256-cbc`];

/**
 * A response whose signed assertion is encrypted with RSA-OAEP and SHA-256, which samlp does not
 * have, the EncryptedKey behind the data. `spoil` may alter the ciphertext.
 */
export async function encryptAssertion(xml, cert, { data, spoil = (octets) => octets }) {
  const assertion = /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(xml)[0];
  const contentKey = crypto.getRandomValues(new Uint8Array(data.includes('128') ? 16 : 32));
  const sealed = spoil(await seal(contentKey, Buffer.from(assertion), data.includes('gcm') ? 'AES-GCM' : 'AES-CBC'));
  const encrypted = `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"
  xmlns:xenc="${xenc}" xmlns:ds="${ds}"><xenc:EncryptedData Type="${xenc}Element">
  <xenc:EncryptionMethod Algorithm="${data}"/>
  <ds:KeyInfo><ds:RetrievalMethod URI="#_key" Type="${xenc}EncryptedKey"/></ds:KeyInfo>
  <xenc:CipherData><xenc:CipherValue>${base64(sealed)}</xenc:CipherValue></xenc:CipherData>
  </xenc:EncryptedData><xenc:EncryptedKey Id="_key">
  <xenc:EncryptionMethod Algorithm="${xenc11}rsa-oaep"><ds:DigestMethod Algorithm="${xenc}sha256"/>
  <xenc11:MGF xmlns:xenc11="${xenc11}" Algorithm="${xenc11}mgf1sha256"/></xenc:EncryptionMethod>
  <xenc:CipherData><xenc:CipherValue>${base64(await wrap(contentKey, cert))}</xenc:CipherValue></xenc:CipherData>
  </xenc:EncryptedKey></saml:EncryptedAssertion>`;
  return xml.replace(assertion, () => encrypted);
}

async function wrap(contentKey, cert) {
  const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  const key = await crypto.subtle.importKey('spki', spki, { name: 'RSA-OAEP', hash: 'SHA-256' }, false, ['encrypt']);
  return crypto.subtle.encrypt('RSA-OAEP', key, contentKey);
}

/** The padding of PKCS #7, which WebCrypto adds in CBC, is also one of XML encryption. */
async function seal(contentKey, octets, name) {
  const iv = crypto.getRandomValues(new Uint8Array(name === 'AES-GCM' ? 12 : 16));
  const key = await crypto.subtle.importKey('raw', contentKey, name, false, ['encrypt']);
  return Buffer.concat([iv, Buffer.from(await crypto.subtle.encrypt({ name, iv }, key, octets))]);
}

const base64 = (octets) => Buffer.from(octets).toString('base64');
