import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { newKeys } from '../../demo/idp/keys.mjs';
import { Browser } from './browser.mjs';
import { request } from './request.mjs';
import { startStack } from './stack.mjs';

const entry = fileURLToPath(new URL('warm/entry.mjs', import.meta.url));

test('once a host is known, no request waits for the store, the ledger or WebCrypto', async (t) => {
  // Requests of ours are signed, so that a sign-in shows that WebCrypto is counted as well.
  const { key, cert } = await newKeys('gate');
  const vars = { SAML_KEY: `${key.trim()}\n${cert.trim()}\n` };
  const change = (documents) => {
    const idp = JSON.parse(documents['idp/sample']);
    return { ...documents, 'idp/sample': JSON.stringify({ ...idp, request: { sign: true } }) };
  };
  const stack = await startStack(t, { entry, vars, change });
  const counts = async () => (await request(stack.base, { headers: { host: 'counts.test' } })).json();
  const alice = new Browser(stack);
  await alice.signIn('alice', '/HR');
  const cold = await counts();
  for (const what of ['CONFIG', 'LEDGER', 'WebCrypto']) assert.ok(cold[what] > 0, what);

  const stranger = new Browser(stack);
  for (const [who, path, status] of [
    [alice, '/HR', 200],
    [alice, '/HR', 200],
    [alice, '/', 200],
    [alice, '/IT', 403],
    [alice, '/.access/whoami', 200],
    [stranger, '/assets/style.css', 200],
  ]) {
    assert.equal((await who.go(path)).status, status, path);
    assert.deepEqual(await counts(), {}, path);
  }
  assert.equal((await stranger.call('/HR')).status, 401);
  assert.deepEqual(await counts(), {});
});
