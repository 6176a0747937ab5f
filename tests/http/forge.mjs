import { SignedXml } from 'xml-crypto';

const c14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

/**
 * An answer of the identity provider `idp` to `inResponseTo` that was altered by `alter` before its
 * assertion was signed: everything about it is genuine but what the test changes.
 */
export async function forge(idp, inResponseTo, person, { alter = (xml) => xml, keys = idp.keys, ...changes } = {}) {
  const { xml } = await idp.answer(inResponseTo, person, { signAssertion: false, signResponse: false, ...changes });
  return encode(signAssertion(alter(xml), keys));
}

export function signAssertion(xml, { key, cert }) {
  const signer = new SignedXml({
    privateKey: key,
    publicCert: cert,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: c14n,
  });
  const assertion = "//*[local-name(.)='Assertion']";
  signer.addReference({
    xpath: assertion,
    transforms: [enveloped, c14n],
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  signer.computeSignature(xml, {
    location: { reference: `${assertion}/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signer.getSignedXml();
}

export const encode = (xml) => Buffer.from(xml).toString('base64');
export const decode = (field) => Buffer.from(field, 'base64').toString();

/** The ID of the AuthnRequest that a response answers. */
export const requestIdOf = (field) => /InResponseTo="([^"]*)"/.exec(decode(field))[1];
