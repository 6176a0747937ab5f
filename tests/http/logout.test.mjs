import assert from 'node:assert/strict';
import { createVerify } from 'node:crypto';
import { test } from 'node:test';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { SignedXml } from 'xml-crypto';
import { newKeys } from '../../demo/idp/keys.mjs';
import { Browser, readForm } from './browser.mjs';
import { logoutRequest, signedQuery, withLogout } from './logout.mjs';
import { startStack } from './stack.mjs';

async function signedIn(t, binding) {
  const sp = await newKeys();
  const SAML_KEY = `${sp.key}\n${sp.cert}`;
  const stack = await startStack(t, { vars: { SAML_KEY }, change: withLogout(binding) });
  const alice = new Browser(stack);
  await alice.signIn('alice');
  return { stack, sp, alice };
}

test('signing out here goes on to the identity provider, by redirect, and ends every copy of the session', async (t) => {
  const { stack, sp, alice } = await signedIn(t, 'HTTP-Redirect');
  const copy = new Map(alice.cookies);
  const answer = await alice.go('/.access/logout');
  assert.equal(answer.status, 302, await answer.clone().text());
  const url = new URL(answer.headers.get('location'));
  assert.equal(url.origin + url.pathname, 'http://localhost:1/slo');
  const [octets] = url.search.slice(1).split('&Signature=');
  const valid = createVerify('sha256').update(octets).verify(sp.cert, url.searchParams.get('Signature'), 'base64');
  assert.ok(valid);
  const xml = inflateRawSync(Buffer.from(url.searchParams.get('SAMLRequest'), 'base64')).toString();
  assert.match(xml, /LogoutRequest.*alice@example\.com.*SessionIndex/);
  assert.equal(alice.cookies.size, 0);
  assert.equal((await alice.go('/HR', { cookies: copy })).status, 302);
});

test('and by form, with a signature that another library verifies', async (t) => {
  const { sp, alice } = await signedIn(t, 'HTTP-POST');
  const answer = await alice.go('/.access/logout');
  assert.equal(answer.status, 200);
  const { action, fields } = readForm(await answer.text());
  assert.equal(action, 'http://localhost:1/slo');
  const xml = Buffer.from(fields.SAMLRequest, 'base64').toString();
  const signature = /<ds:Signature.*<\/ds:Signature>/s.exec(xml)[0];
  const verifier = new SignedXml({ publicCert: sp.cert, getCertFromKeyInfo: () => null });
  verifier.loadSignature(signature);
  assert.ok(verifier.checkSignature(xml));
  assert.match(verifier.getSignedReferences()[0], /LogoutRequest.*alice@example\.com/s);
});

test('the identity provider signs out whom it names, everywhere, once', async (t) => {
  const { stack, alice } = await signedIn(t, 'HTTP-Redirect');
  const elsewhere = new Browser(stack);
  const bob = new Browser(stack);
  await elsewhere.signIn('alice');
  await bob.signIn('bob');
  const outside = new Browser(stack);

  const unsigned = `SAMLRequest=${encodeURIComponent(deflateRawSync(logoutRequest(stack)).toString('base64'))}`;
  const forged = signedQuery(logoutRequest(stack), await newKeys());
  for (const [query, code] of [[unsigned, 'signature-missing'], [forged, 'signature-wrong']]) {
    const refused = await outside.go(`/.access/slo?${query}`);
    assert.equal(refused.headers.get('x-access-gate'), code);
  }
  assert.equal((await alice.go('/HR')).status, 200);

  const query = signedQuery(logoutRequest(stack), stack.idp.keys);
  const answer = await outside.go(`/.access/slo?${query}`);
  assert.equal(answer.status, 303, await answer.clone().text());
  const url = new URL(answer.headers.get('location'));
  assert.equal(url.searchParams.get('RelayState'), 'theirs');
  const xml = inflateRawSync(Buffer.from(url.searchParams.get('SAMLResponse'), 'base64')).toString();
  assert.match(xml, /LogoutResponse.*status:Success/);
  for (const browser of [alice, elsewhere]) assert.equal((await browser.go('/HR')).status, 302);
  assert.equal((await bob.go('/IT')).status, 200);

  const again = await outside.go(`/.access/slo?${query}`);
  assert.equal(again.headers.get('x-access-gate'), 'replayed');
});
