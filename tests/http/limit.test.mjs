import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Browser } from './browser.mjs';
import { app, auth, codeOf, Person, startHosts } from './hosts.mjs';
import { earlyInAMinute } from './minute.mjs';
import { startStack } from './stack.mjs';

const limits = (limit) => ({ LOGIN_LIMIT: { namespace_id: '1', simple: { limit, period: 60 } } });

test('sign-ins that begin, and such that end, are limited for each address', async (t) => {
  const stack = await startStack(t, { limits: limits(4) });
  const from = (address) => {
    const browser = new Browser(stack);
    const go = browser.go.bind(browser);
    browser.go = (path, { headers = {}, ...rest } = {}) => go(path, { headers: { 'cf-connecting-ip': address, ...headers }, ...rest });
    return browser;
  };
  await earlyInAMinute();
  const alice = from('192.0.2.1');
  assert.equal((await alice.signIn('alice')).status, 303);
  const starts = ['/.access/login', '/HR', '/.access/whoami', '/.access/login'];
  const statuses = [];
  for (const path of starts) statuses.push((await from('192.0.2.1').go(path)).status);
  assert.deepEqual(statuses, [302, 302, 302, 429]);
  const query = new URLSearchParams({ redirect: 'http://127.0.0.1:4711/', state: 'A'.repeat(22), challenge: 'A'.repeat(43) });
  assert.equal((await from('192.0.2.1').go(`/.access/cli?${query}`)).status, 429);
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

test('codes are limited for each address, and one that was not looked at stays good', async (t) => {
  const stack = await startHosts(t, { limits: limits(4) });
  const alice = new Person(stack);
  await alice.open(`${app}/assets/echo`);
  alice.cookies(app).clear();
  const good = await alice.code(`${app}/assets/echo`);
  const stranger = new Person(stack);
  const guess = (bytes) => randomBytes(bytes).toString('base64url');
  const tries = {
    [`${app}/.access/hand-over`]: [() => ({ code: guess(16), state: guess(16) }), 'login-state-missing'],
    [`${auth}/.access/hand-over`]: [() => ({ host: 'evil.example', state: guess(16), challenge: guess(32) }), 'hand-over-foreign'],
    [`${app}/.access/token`]: [() => ({ code: guess(16), verifier: guess(32) }), 'command-line-code-refused'],
  };
  await earlyInAMinute();
  const from = (ip) => ({ headers: { 'cf-connecting-ip': ip } });
  for (const [url, [fields, code]] of Object.entries(tries)) {
    const one = (ip) => {
      const query = new URLSearchParams(fields());
      const posted = url.endsWith('token');
      return stranger.go(posted ? url : `${url}?${query}`, { ...from(ip), ...(posted && { method: 'POST', body: query }) });
    };
    const codes = [];
    for (let n = 0; n < 4; n++) codes.push(codeOf(await one('192.0.2.1')));
    assert.deepEqual(codes, [code, code, code, code], url);
    const refused = await one('192.0.2.1');
    assert.deepEqual([refused.status, codeOf(refused), refused.headers.get('retry-after')], [429, 'too-many-sign-ins', '60'], url);
    assert.equal(codeOf(await one('192.0.2.2')), code, url);
  }
  assert.equal((await alice.go(good, from('192.0.2.1'))).status, 429);
  assert.equal((await alice.go(good, from('192.0.2.3'))).status, 303);
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
