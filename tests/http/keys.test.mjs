import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Browser } from './browser.mjs';
import { startStack } from './stack.mjs';
import { temporary, vestibule } from './story.mjs';

/** A stack whose keys are in a file, as an administrator has them. */
async function keyFile(t) {
  const folder = await temporary(t);
  const file = join(folder, 'keys.json');
  await writeFile(file, (await vestibule('keys', 'new', '--json')).output);
  const keys = async () => JSON.parse(await readFile(file, 'utf8'));
  const stack = await startStack(t, { folder, vars: await keys() });
  const rotate = async (...more) => {
    const done = await vestibule('keys', 'rotate', file, ...more);
    assert.equal(done.code, 0, done.errors);
    await stack.anew(await keys());
  };
  /** Goes on with keys that are so much older. */
  const age = async (seconds) => {
    const older = (list) => {
      const { keys } = JSON.parse(list);
      for (const key of keys) if (key.use_from) key.use_from -= seconds;
      return JSON.stringify({ keys });
    };
    const { SEAL_KEYS, SIGN_KEYS } = await keys();
    await writeFile(file, JSON.stringify({ SEAL_KEYS: older(SEAL_KEYS), SIGN_KEYS: older(SIGN_KEYS) }));
    await stack.anew(await keys());
  };
  return { stack, keys, rotate, age };
}

test('keys are rotated, and nobody is signed out', async (t) => {
  const { stack, keys, rotate, age } = await keyFile(t);
  const alice = new Browser(stack);
  await alice.signIn('alice', '/');
  /** The key that signed; the application has verified the assertion with the keys that it keeps. */
  const kid = async () => {
    const answer = await alice.call('/HR/echo');
    assert.equal(answer.status, 200);
    const { headers } = await answer.json();
    const [header] = Object.fromEntries(headers)['x-access-jwt'].split('.');
    return JSON.parse(Buffer.from(header, 'base64url')).kid;
  };
  const shown = async () => (await new Browser(stack).json('/.access/jwks.json')).keys.map((key) => key.kid);
  const first = await kid();
  assert.deepEqual(await shown(), [first]);

  await rotate();
  const [second] = await shown();
  assert.deepEqual([await kid(), await shown()], [first, [second, first]]);
  // The application's copy of the keys runs out before the new one is used: it keeps both now, and
  // asks for no others for half a minute.
  stack.app.useGate(stack.base);
  assert.equal(await kid(), first);
  await age(3600);
  assert.equal(await kid(), second);
  const bob = new Browser(stack);
  await bob.signIn('bob', '/');

  await age(30 * 86_400);
  await rotate();
  const [third, ...others] = await shown();
  assert.deepEqual(others, [second], 'no assertion of the first is left');
  assert.equal(JSON.parse((await keys()).SEAL_KEYS).keys.length, 2);
  assert.notEqual(third, second);
  // Bob's session was sealed by the key that is kept. Alice's would be over for long: its key is gone.
  assert.equal((await bob.go('/IT')).status, 200);
  assert.equal((await alice.go('/HR')).status, 302);
  assert.equal((await alice.call('/HR')).status, 401);
  await alice.signIn('alice', '/HR');
  assert.equal((await alice.go('/HR')).status, 200);
});

test('a set that is half rotated lets nobody through', async (t) => {
  const { stack, keys } = await keyFile(t);
  const alice = new Browser(stack);
  await alice.signIn('alice', '/');
  const good = await keys();
  const only = (list) => {
    const [key] = JSON.parse(list).keys;
    return JSON.stringify({ keys: [{ ...key, use_from: Math.floor(Date.now() / 1000) + 3600 }] });
  };
  for (const name of ['SEAL_KEYS', 'SIGN_KEYS']) {
    await stack.anew({ ...good, [name]: only(good[name]) });
    for (const path of ['/HR', '/assets/style.css', '/.access/health']) {
      const answer = await alice.call(path);
      assert.deepEqual([answer.status, answer.headers.get('x-access-gate')], [503, 'keys-unusable'], `${name} ${path}`);
    }
  }
  await stack.anew(good);
  assert.equal((await alice.go('/HR')).status, 200);
});
