import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.mjs';
import { befall, nonsense, silent, soon, startFaulty } from './faulty.mjs';

const claiming = befall('the ledger', { on: 'LEDGER', at: '/claim' }, [...silent, ...nonsense], 'ledger-unavailable');
const stamping = befall('the ledger', { on: 'LEDGER', at: '/stamp' }, [...silent, ...nonsense], 'ledger-unavailable');

const isSession = (name) => /^__Host-access(-\d)?$/.test(name);

test('a sign-in without the ledger', async (t) => {
  const stack = await startFaulty(t);
  for (const [name, fault, code] of claiming) {
    await t.test(`${name}: 503 ${code}, no session, and it recovers`, async () => {
      const browser = new Browser(stack);
      const fields = await browser.choose('alice', await browser.begin('/HR'));
      await stack.faults(fault);
      const answer = await soon(browser.post(fields));
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get('x-access-gate'), code);
      assert.deepEqual([...browser.cookies.keys()].filter(isSession), []);
      await stack.gate.log.line((line) => line.event === 'refused' && line.code === code);
      assert.equal((await browser.go('/HR')).status, 302);

      await stack.faults();
      const again = await browser.signIn('alice', '/HR');
      assert.equal(again.status, 303);
      assert.equal((await browser.go('/HR')).status, 200);
    });
  }

  await t.test('an answer that came too late was written down: the same response is replayed', async () => {
    const browser = new Browser(stack);
    const fields = await browser.choose('alice', await browser.begin('/HR'));
    await stack.faults({ on: 'LEDGER', at: '/claim', how: 'late' });
    assert.equal((await browser.post(fields)).headers.get('x-access-gate'), 'ledger-unavailable');
    await stack.faults();
    assert.equal((await browser.post(fields)).headers.get('x-access-gate'), 'replayed');
  });
});

test('a sign-in with a limiter that fails', async (t) => {
  const stack = await startFaulty(t, { limits: { LOGIN_LIMIT: { namespace_id: '1', simple: { limit: 40, period: 60 } } } });
  for (const [name, fault] of befall('LOGIN_LIMIT', { on: 'LOGIN_LIMIT' }, silent)) {
    await t.test(`${name}: a fault in the log, and people sign in`, async () => {
      const from = stack.gate.log.lines.length;
      const browser = new Browser(stack);
      await stack.faults(fault);
      const answer = await soon(browser.signIn('alice', '/HR'));
      assert.equal(answer.status, 303);
      await stack.gate.log.line((line) => line.event === 'fault' && line.what === 'LOGIN_LIMIT', from);
    });
  }
});

test('a sign-out without the ledger', async (t) => {
  const stack = await startFaulty(t);
  for (const [name, fault, code] of stamping) {
    await t.test(`${name}: 503 ${code}, and the next sign-out counts`, async () => {
      const browser = new Browser(stack);
      await browser.signIn('alice', '/HR');
      const copy = new Map(browser.cookies);
      await stack.faults(fault);
      const answer = await soon(browser.go('/.access/logout'));
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get('x-access-gate'), code);
      assert.deepEqual([...browser.cookies], [...copy], 'who reads that it failed is signed in still');

      await stack.faults();
      assert.equal((await browser.go('/.access/logout')).status, 200);
      assert.deepEqual([...browser.cookies.keys()].filter(isSession), []);
      assert.equal((await browser.go('/HR', { cookies: copy })).status, 302);
    });
  }
});

test('the cron trigger without KV', async (t) => {
  const stack = await startFaulty(t);
  const before = await stack.gate.get('idp/sample');
  for (const [name, fault] of befall('KV', { on: 'CONFIG' }, silent)) {
    await t.test(`${name}: store-unavailable in the log, and it recovers`, async () => {
      const from = stack.gate.log.lines.length;
      await stack.faults(fault);
      await stack.gate.cron();
      const line = await stack.gate.log.line((one) => one.event === 'idp-refresh', from);
      assert.deepEqual([line.outcome, line.code], ['failed', 'store-unavailable']);
      await stack.faults();
      await stack.gate.cron();
      assert.equal(await stack.gate.get('idp/sample'), before);
    });
  }
});
