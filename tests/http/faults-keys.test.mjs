import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { newKeys } from '../../tools/lib/vestibule.mjs';
import { Browser } from './browser.mjs';
import { startStack } from './stack.mjs';

/** A key set with the keys of several, in order. */
const together = (...sets) => JSON.stringify({ keys: sets.flatMap((set) => JSON.parse(set).keys) });

test('keys half rotated', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-keys-'));
  t.after(() => rm(folder, { recursive: true }));
  const [before, after] = await Promise.all([newKeys(), newKeys()]);
  const stack = await startStack(t, { folder, vars: before });
  const old = new Browser(stack);
  await old.signIn('alice', '/HR');
  const waiting = new Browser(stack);
  const fields = await waiting.choose('carol', await waiting.begin('/HR'));

  await t.test('the new key first, the old one still there: nobody notices', async () => {
    const both = { SEAL_KEYS: together(after.SEAL_KEYS, before.SEAL_KEYS), SIGN_KEYS: together(after.SIGN_KEYS, before.SIGN_KEYS) };
    await stack.anew(both);
    assert.equal((await old.go('/HR')).status, 200);
    assert.equal((await old.go('/IT')).headers.get('x-access-gate'), 'not-allowed');
    assert.equal((await waiting.post(fields)).status, 303);
    assert.equal((await waiting.go('/HR')).status, 200);
    assert.equal((await old.json('/.access/jwks.json')).keys.length, 2);
  });

  await t.test('an isolate that has the old key alone: who has a newer cookie is nobody there', async () => {
    await stack.anew(before);
    assert.equal((await waiting.go('/HR')).status, 302);
    assert.equal((await waiting.call('/HR')).headers.get('x-access-gate'), 'sign-in-needed');
    assert.equal((await old.go('/HR')).status, 200);
  });

  await t.test('the old key taken away: what it sealed opens nothing', async () => {
    await stack.anew(after);
    assert.equal((await old.go('/HR')).status, 302);
    assert.equal((await waiting.go('/HR')).status, 200);
    assert.equal((await old.json('/.access/jwks.json')).keys.length, 1);
  });

  const good = JSON.parse(after.SEAL_KEYS).keys[0];
  const unusable = [
    ['cut off', after.SEAL_KEYS.slice(0, -10)],
    ['one of two keys too short', JSON.stringify({ keys: [good, { ...good, k: good.k.slice(0, 20) }] })],
    ['a key of another kind', JSON.stringify({ keys: [{ ...good, kty: 'RSA' }] })],
    ['those of SIGN_KEYS', after.SIGN_KEYS],
  ];
  for (const [name, SEAL_KEYS] of unusable) {
    await t.test(`SEAL_KEYS ${name}: keys-unusable, for whoever asks`, async () => {
      await stack.anew({ ...after, SEAL_KEYS });
      for (const path of ['/HR', '/assets/style.css', '/.access/login', '/.access/health']) {
        const answer = await waiting.go(path);
        assert.deepEqual([answer.status, answer.headers.get('x-access-gate')], [503, 'keys-unusable'], path);
      }
    });
  }

  await t.test('SIGN_KEYS whose halves don\'t belong together: keys-unusable', async () => {
    const [[one], [other]] = [before, after].map((keys) => JSON.parse(keys.SIGN_KEYS).keys);
    await stack.anew({ ...after, SIGN_KEYS: JSON.stringify({ keys: [{ ...one, d: other.d }] }) });
    assert.equal((await waiting.go('/HR')).headers.get('x-access-gate'), 'keys-unusable');
  });

  await t.test('and good keys again: all is well', async () => {
    await stack.anew(after);
    assert.equal((await waiting.go('/HR')).status, 200);
  });
});
