import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../tools/lib/paths.mjs';
import { pause } from '../../tools/lib/servers.mjs';
import { Browser } from './browser.mjs';
import { raw } from './raw.mjs';
import { startStack } from './stack.mjs';

const entry = join(root, 'tests', 'http', 'records', 'entry.mjs');

test('a decision is one line, whichever way it went, with what leads to it', async (t) => {
  const stack = await startStack(t);
  const [alice, nobody] = [new Browser(stack), new Browser(stack)];
  await alice.signIn('alice');
  const ray = { 'cf-ray': '8f0c1d2e3a4b5c6d-FRA' };
  await alice.go('/HR?token=swordfish', { headers: ray });
  await alice.go('/IT/x?token=swordfish', { headers: ray });
  await nobody.go('/HR', { headers: ray });
  await nobody.go('/assets/style.css', { headers: ray });
  await nobody.go('/%00', { headers: ray });
  const wanted = [
    ['allowed', '/HR', '/HR/**', 'alice@example.com'],
    ['refused', '/IT/x', '/IT/**', 'alice@example.com'],
    ['sign-in', '/HR', '/HR/**', null],
    ['allowed', '/assets/style.css', '/assets/**', null],
    ['refused', '/%00', null, null],
  ];
  for (const [event, path, rule, person] of wanted) {
    const line = await stack.gate.log.line((one) => one.event === event && one.path === path);
    assert.deepEqual([line.rule, line.person, line.ray, line.host], [rule, person, ray['cf-ray'], 'localhost']);
    assert.ok(Math.abs(Date.parse(line.time) - Date.now()) < 60_000, line.time);
  }
  const lines = stack.gate.log.lines.map((line) => JSON.parse(line)).filter(({ ray }) => ray);
  assert.equal(lines.length, wanted.length, 'one each');
  assert.doesNotMatch(stack.gate.log.lines.join(), /swordfish/);
});

test('events have lines: keys, releases, sign-ins, sign-outs', async (t) => {
  const stack = await startStack(t);
  const alice = new Browser(stack);
  await alice.signIn('alice');
  await alice.go('/.access/logout');
  const of = (event) => stack.gate.log.line((one) => one.event === event);
  const { keys } = await (await fetch(`${stack.base}/.access/jwks.json`)).json();
  assert.deepEqual((await of('keys')).sign, keys.map(({ kid }) => kid));
  assert.equal((await of('release-seen')).host, 'localhost');
  assert.equal((await of('signed-in')).idp, 'sample');
  const { person, idp, by } = await of('signed-out');
  assert.deepEqual([person, idp, by], ['alice@example.com', 'sample', 'person']);
});

test('what an administrator has revoked has a line', async (t) => {
  const stack = await startStack(t);
  const now = Math.floor(Date.now() / 1000);
  const document = { everybody: now - 90_000, hosts: { localhost: now }, people: { 'bob@example.com': now - 60 } };
  await stack.gate.put('revoked', JSON.stringify(document));
  await new Browser(stack).go('/HR');
  await stack.gate.log.line((one) => one.event === 'sign-in');
  const seen = stack.gate.log.lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'revocation-seen');
  const at = (seconds) => new Date(seconds * 1000).toISOString().replace('.000', '');
  assert.deepEqual(seen.map(({ whose, at }) => [whose, at]), [['host/localhost', at(now)], ['bob@example.com', at(now - 60)]]);
});

test('each decision is counted, and no person', async (t) => {
  const stack = await startStack(t, { entry });
  const alice = new Browser(stack);
  await alice.signIn('alice');
  await alice.go('/HR');
  await alice.go('/IT');
  await alice.call('/assets/style.css', { method: 'HEAD' });
  const points = JSON.parse((await raw(stack.port, '/', { host: 'points.test' })).body);
  const blobs = [
    ['localhost', 'sign-in', '', '/', 'GET'],
    ['localhost', 'allowed', '', '/HR/**', 'GET'],
    ['localhost', 'refused', 'not-allowed', '/IT/**', 'GET'],
    ['localhost', 'allowed', '', '/assets/**', 'HEAD'],
  ];
  assert.deepEqual(points, blobs.map((blobs) => ({ indexes: ['localhost'], blobs })));
});

test('a dataset that fails stops no request, and is told', async (t) => {
  const stack = await startStack(t, { entry, vars: { POINTS: 'fail' } });
  assert.equal((await new Browser(stack).go('/assets/style.css')).status, 200);
  const fault = await stack.gate.log.line((one) => one.event === 'fault');
  assert.deepEqual([fault.what, fault.detail], ['DECISIONS', 'Error: no such dataset']);
});

test('the Tail Worker of the examples keeps every line in R2', async (t) => {
  const stack = await startStack(t, { tail: join(root, 'examples', 'tail-worker', 'index.js') });
  const alice = new Browser(stack);
  await alice.signIn('alice');
  await alice.go('/HR');
  const bucket = await stack.gate.bucket();
  const kept = async () => {
    const { objects } = await bucket.list();
    return Promise.all(objects.map(async ({ key }) => ({ key, text: await (await bucket.get(key)).text() })));
  };
  for (;;) {
    const found = (await kept()).find(({ text }) => text.includes('"allowed"'));
    if (found) {
      assert.match(found.key, /^\d{4}-\d\d-\d\d\/.*\.ndjson$/);
      break;
    }
    await pause(50);
  }
  for (const { text } of await kept()) {
    for (const line of text.trimEnd().split('\n')) assert.ok(stack.gate.log.lines.includes(line), line);
  }
});
