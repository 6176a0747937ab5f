import { SAML } from '@node-saml/node-saml';
import { contend, setup } from './contender.mjs';

const { acs, entityId, idpEntityId, cert } = JSON.parse(setup);
const saml = new SAML({
  callbackUrl: acs,
  issuer: entityId,
  audience: entityId,
  idpIssuer: idpEntityId,
  idpCert: cert,
  wantAuthnResponseSigned: false,
  wantAssertionsSigned: true,
});

await contend(async (field) => {
  const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: field });
  return `${[profile.memberOf ?? []].flat().length} groups`;
});
