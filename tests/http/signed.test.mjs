import assert from 'node:assert/strict';
import { createVerify, X509Certificate } from 'node:crypto';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import { SignedXml } from 'xml-crypto';
import { newKeys } from '../../demo/idp/keys.mjs';
import { Browser } from './browser.mjs';
import { schemaErrors } from './schema.mjs';
import { startStack } from './stack.mjs';

const samlp = createRequire(import.meta.url)('samlp');
const pem = ({ key, cert }) => `${key.trim()}\n${cert.trim()}\n`;
const [ours, old] = [await newKeys('gate'), await newKeys('gate before')];
const vars = { SAML_KEY: pem(ours), SAML_KEY_OLD: pem(old) };
const bare = (cert) => cert.replace(/-----[^-]+-----|\s/g, '');

/** A change of the sample identity provider's document. */
const idp = (alter) => ({
  change: (documents) => ({ ...documents, 'idp/sample': JSON.stringify(alter(JSON.parse(documents['idp/sample']))) }),
});
const signed = idp((document) => ({ ...document, request: { sign: true } }));
const wanted = idp((document) => ({
  ...document,
  metadata: document.metadata.replace('<IDPSSODescriptor ', '<IDPSSODescriptor WantAuthnRequestsSigned="true" '),
}));

/** What samlp makes of a request, if its signature is that of `cert`. */
const verified = (request, cert) => promisify(samlp.parseRequest)(request, { signingCert: cert, deflate: request.method === 'GET' });

test('a signed redirect', async (t) => {
  for (const change of [signed, wanted]) {
    const stack = await startStack(t, { vars, ...change });
    const browser = new Browser(stack);
    const { url } = await browser.begin('/HR');
    const query = Object.fromEntries(url.searchParams);
    assert.deepEqual(Object.keys(query), ['SAMLRequest', 'RelayState', 'SigAlg', 'Signature']);
    const octets = url.search.slice(1, url.search.indexOf('&Signature='));
    const verify = (cert) => createVerify('RSA-SHA256').update(octets).verify(cert, query.Signature, 'base64');
    assert.ok(verify(ours.cert));
    assert.ok(!verify(old.cert));
    assert.equal((await verified({ method: 'GET', query }, ours.cert)).issuer, `${stack.base}/.access/metadata`);
    await assert.rejects(verified({ method: 'GET', query: { ...query, RelayState: 'x' } }, ours.cert));
    const xml = inflateRawSync(Buffer.from(query.SAMLRequest, 'base64')).toString();
    assert.deepEqual(await schemaErrors(xml), []);
    // The identity provider takes it as before.
    assert.equal((await browser.signIn('alice', '/HR')).status, 303);
  }
});

test('a signed form', async (t) => {
  const stack = await startStack(t, { vars, postOnly: true, ...signed });
  const browser = new Browser(stack);
  const { SAMLRequest } = await browser.begin('/HR');
  const body = (field) => ({ method: 'POST', query: {}, body: { SAMLRequest: field } });
  assert.equal((await verified(body(SAMLRequest), ours.cert)).issuer, `${stack.base}/.access/metadata`);
  await assert.rejects(verified(body(SAMLRequest), old.cert));
  const xml = Buffer.from(SAMLRequest, 'base64').toString();
  const changed = Buffer.from(xml.replace('/.access/acs', '/.access/acx')).toString('base64');
  await assert.rejects(verified(body(changed), ours.cert));
  assert.deepEqual(await schemaErrors(xml), []);
  assert.ok(checks(xml, ours.cert));
  assert.equal((await browser.signIn('alice', '/HR')).status, 303);
});

test('our metadata', async (t) => {
  for (const [name, some, signs] of [
    ['without a key', {}, undefined],
    ['with a key', { SAML_KEY: vars.SAML_KEY }, 'false'],
    ['with two', vars, 'false'],
    ['with requests signed', vars, 'true'],
  ]) {
    const stack = await startStack(t, { vars: some, ...(signs === 'true' && signed) });
    const xml = await (await new Browser(stack).go('/.access/metadata')).text();
    assert.deepEqual(await schemaErrors(xml), [], name);
    assert.match(xml, new RegExp(`AuthnRequestsSigned="${signs ?? 'false'}"`));
    const certificates = [...xml.matchAll(/use="(\w+)">.*?<ds:X509Certificate>([^<]*)</g)].map(([, use, cert]) => [use, cert]);
    const held = some.SAML_KEY_OLD ? [ours, old] : some.SAML_KEY ? [ours] : [];
    const expected = held.flatMap(({ cert }) => [['signing', bare(cert)], ['encryption', bare(cert)]]);
    assert.deepEqual(certificates, expected, name);
    for (const [, cert] of certificates) new X509Certificate(Buffer.from(cert, 'base64'));
    assert.equal(xml.includes('SignatureValue'), held.length > 0);
    if (held.length > 0) {
      assert.ok(checks(xml, ours.cert), name);
      assert.ok(!checks(xml, old.cert), name);
      assert.ok(!checks(xml.replace('/.access/acs', '/.access/acx'), ours.cert), name);
    }
  }
});

test('the schema knows right from wrong', async (t) => {
  const stack = await startStack(t, { vars });
  const xml = await (await new Browser(stack).go('/.access/metadata')).text();
  for (const wrong of [
    xml.replace('index="0"', 'index="x"'),
    xml.replace(/<md:NameIDFormat>[^]*<\/md:NameIDFormat>/, (formats) => `${formats}<md:KeyDescriptor/>`),
    xml.replace(/xenc11:MGF/g, 'xenc11:MFG'),
  ]) {
    assert.notEqual(wrong, xml);
    assert.notDeepEqual(await schemaErrors(wrong), []);
  }
});

test('signed requests are demanded, and there is no key', async (t) => {
  const stack = await startStack(t, signed);
  const answer = await new Browser(stack).go('/HR');
  assert.equal(answer.status, 503);
  assert.equal(answer.headers.get('x-access-gate'), 'signing-key-missing');
});

test('signed requests are wanted, and there is no key', async (t) => {
  const stack = await startStack(t, wanted);
  assert.equal((await new Browser(stack).signIn('alice', '/HR')).status, 303);
});

/** What xml-crypto says of the only signature of a document. */
function checks(xml, publicCert) {
  const verifier = new SignedXml({ publicCert, getCertFromKeyInfo: () => null });
  const [signature] = /<ds:Signature [^]*<\/ds:Signature>/.exec(xml);
  verifier.loadSignature(signature);
  try {
    return verifier.checkSignature(xml);
  } catch {
    return false;
  }
}
