import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.mjs';
import { startStack } from './stack.mjs';

test('refusals', async (t) => {
  const stack = await startStack(t);
  const nobody = new Browser(stack);
  const alice = new Browser(stack);
  await alice.signIn('alice');

  await t.test('JSON for those who ask for JSON', async () => {
    const answer = await alice.call('/IT');
    assert.equal(answer.status, 403);
    assert.match(answer.headers.get('content-type'), /json/);
    const { code, reference, status } = await answer.json();
    assert.equal(code, 'not-allowed');
    assert.equal(status, 403);
    assert.match(reference, /^[\w-]{8,}$/);
  });

  await t.test('a page for those who read pages, with the reference of the log line', async () => {
    const answer = await alice.go('/IT');
    assert.equal(answer.status, 403);
    assert.match(answer.headers.get('content-type'), /html/);
    assert.match(answer.headers.get('content-security-policy'), /default-src 'none'/);
    const text = await answer.text();
    assert.ok(text.includes('not-allowed'));
    const line = await stack.gate.log.line((one) => one.reference && text.includes(one.reference));
    assert.equal(line.code, 'not-allowed');
    assert.equal(line.path, '/IT');
  });

  await t.test('401 instead of a redirect for what is no navigation', async () => {
    const ways = {
      'a script': { headers: { accept: '*/*', 'sec-fetch-mode': 'cors' } },
      'a script that takes pages': { headers: { accept: 'text/html', 'sec-fetch-mode': 'same-origin' } },
      'a POST': { headers: { 'sec-fetch-mode': 'cors' }, method: 'POST', body: 'x' },
      'a PUT': { headers: { 'sec-fetch-mode': 'cors' }, method: 'PUT', body: 'x' },
    };
    for (const [name, options] of Object.entries(ways)) {
      const answer = await nobody.go('/HR', options);
      assert.equal(answer.status, 401, name);
      assert.equal(answer.headers.get('x-access-gate'), 'sign-in-needed', name);
      assert.ok(answer.headers.get('www-authenticate'), name);
      assert.equal(answer.headers.get('location'), null, name);
    }
    // fetch always sets sec-fetch-mode; without it, Accept tells.
    const { raw } = await import('./raw.mjs');
    assert.equal((await raw(stack.port, '/HR', { headers: [['Accept', 'text/html']] })).status, 302);
    assert.equal((await raw(stack.port, '/HR', { headers: [['Accept', '*/*']] })).status, 401);
    assert.equal((await raw(stack.port, '/HR')).status, 401);
    const xhr = [['Accept', 'text/html'], ['X-Requested-With', 'XMLHttpRequest']];
    assert.equal((await raw(stack.port, '/HR', { headers: xhr })).status, 401);
    const socket = [['Accept', 'text/html'], ['Upgrade', 'websocket'], ['Connection', 'Upgrade']];
    assert.equal((await raw(stack.port, '/HR', { headers: socket })).status, 401);
  });

  await t.test('no answer of the gate is kept by a cache', async () => {
    for (const answer of [await alice.go('/IT'), await nobody.go('/HR'), await nobody.call('/HR'), await alice.go('/.access/whoami')]) {
      assert.match(answer.headers.get('cache-control'), /no-store/);
      assert.ok(answer.headers.get('x-access-gate'));
    }
  });

  await t.test('what passes is logged, public paths too', async () => {
    await alice.go('/HR?secret=swordfish');
    await nobody.go('/assets/style.css');
    const passed = (path, rule, person) =>
      stack.gate.log.line((one) => one.event === 'allowed' && one.path === path && one.rule === rule && one.person === person);
    await passed('/HR', '/HR/**', 'alice@example.com');
    await passed('/assets/style.css', '/assets/**', null);
  });

  await t.test('the log holds no cookie, no query and no assertion', async () => {
    const answer = await alice.call('/IT?secret=swordfish');
    const { reference } = await answer.json();
    await stack.gate.log.line((one) => one.reference === reference);
    const log = stack.gate.log.lines.join('\n');
    assert.doesNotMatch(log, /swordfish|__Host-access=|SAMLResponse/);
    assert.ok(!log.includes(alice.cookies.get('__Host-access').slice(0, 40)));
  });
});
