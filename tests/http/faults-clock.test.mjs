import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.mjs';
import { startFaulty, TOO_OLD } from './faulty.mjs';

const DAY = 86_400;

test('the clock is off', async (t) => {
  const stack = await startFaulty(t);
  const alice = new Browser(stack);
  await alice.signIn('alice', '/HR');

  for (const [name, seconds] of [['a day ahead', DAY], ['a day behind', -DAY]]) {
    await t.test(`${name}: nobody is signed in, and public paths stay open`, async () => {
      await stack.later(seconds);
      assert.equal((await alice.go('/HR')).status, 302);
      assert.equal((await alice.go('/assets/style.css')).status, 200);
      await stack.later(-seconds);
      assert.equal((await alice.go('/HR')).status, 200);
    });
  }

  for (const [name, seconds, code] of [['ahead', 3_600, 'expired'], ['behind', -3_600, 'not-yet-valid']]) {
    await t.test(`an hour ${name}: a sign-in is refused, ${code}`, async () => {
      await stack.later(seconds);
      const browser = new Browser(stack);
      const answer = await browser.signIn('alice', '/HR');
      assert.deepEqual([answer.status, answer.headers.get('x-access-gate')], [403, code]);
      assert.equal((await browser.go('/HR')).status, 302);
      await stack.later(-seconds);
    });
  }

  await t.test('what was read under a clock ahead is not kept until that time comes', async () => {
    await stack.later(DAY);
    await alice.go('/HR');
    await stack.later(-DAY);
    const policy = await stack.gate.get('app/localhost');
    await stack.gate.put('app/localhost', policy.replace('"/HR/**"', '"/OLD/**"'));
    await stack.later(TOO_OLD);
    assert.equal((await alice.go('/HR')).headers.get('x-access-gate'), 'not-allowed');
  });
});
