import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Browser } from './browser.mjs';
import { startStack } from './stack.mjs';

/** A limit that no request of a test is under by chance: a minute is long. */
const limits = (limit) => ({ LOGIN_LIMIT: { namespace_id: '1', simple: { limit, period: 60 } } });

test('sign-ins that begin, and such that end, are limited for each address', async (t) => {
  const stack = await startStack(t, { limits: limits(4) });
  const from = (address) => {
    const browser = new Browser(stack);
    const go = browser.go.bind(browser);
    browser.go = (path, { headers = {}, ...rest } = {}) => go(path, { headers: { 'cf-connecting-ip': address, ...headers }, ...rest });
    return browser;
  };
  const alice = from('192.0.2.1');
  assert.equal((await alice.signIn('alice')).status, 303);
  const starts = ['/.access/login', '/HR', '/.access/whoami', '/.access/login'];
  const statuses = [];
  for (const path of starts) statuses.push((await from('192.0.2.1').go(path)).status);
  assert.deepEqual(statuses, [302, 302, 302, 429]);
  const refused = await from('192.0.2.1').go('/HR');
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('retry-after'), '60');
  assert.equal(refused.headers.get('x-access-gate'), 'too-many-sign-ins');

  const posts = [];
  for (let n = 0; n < 4; n++) posts.push((await from('192.0.2.1').post({ SAMLResponse: 'AAAA', RelayState: 'y' })).status);
  assert.deepEqual(posts, [400, 400, 400, 429]);

  // Whoever is signed in, what is public, a script without a session and other addresses: not at all.
  for (let n = 0; n < 10; n++) {
    assert.equal((await alice.go('/HR')).status, 200);
    assert.equal((await from('192.0.2.1').go('/assets/style.css')).status, 200);
    assert.equal((await from('192.0.2.1').call('/HR')).status, 401);
  }
  assert.equal((await from('192.0.2.2').go('/HR')).status, 302);
  // Of IPv6 a household counts as one.
  const household = [];
  for (const host of ['1', '2', '3', '4', 'ffff:1:1:1']) household.push((await from(`2001:db8:0:7::${host}`.replace('::ffff', ':ffff')).go('/HR')).status);
  assert.deepEqual(household, [302, 302, 302, 302, 429]);
  assert.equal((await from('2001:db8:0:8::1').go('/HR')).status, 302);
});

test('without a limiter, and with one that fails, people sign in', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-limit-'));
  t.after(() => rm(folder, { recursive: true }));
  const entry = join(folder, 'entry.js');
  await writeFile(
    entry,
    `import gate, { Ledger } from './index.js';
     export { Ledger };
     const limiter = { limit: async () => { throw new Error('the limiter is down'); } };
     export default { fetch: (request, env, ctx) => gate.fetch(request, { ...env, LOGIN_LIMIT: limiter }, ctx) };`,
  );
  const without = await startStack(t);
  assert.equal((await new Browser(without).signIn('alice')).status, 303);
  const failing = await startStack(t, { entry });
  assert.equal((await new Browser(failing).signIn('alice')).status, 303);
  await failing.gate.log.line((line) => line.event === 'fault' && line.what === 'LOGIN_LIMIT');
});
