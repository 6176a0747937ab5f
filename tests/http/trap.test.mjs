import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Browser } from './browser.mjs';
import { request } from './request.mjs';
import { startStack } from './stack.mjs';

const entry = fileURLToPath(new URL('trap/entry.mjs', import.meta.url));

test('a trap ends the wasm instance and one request, and the next one is answered by another instance', async (t) => {
  const stack = await startStack(t, { entry });
  /** Lets the next call trap, and says how many instances there were before. */
  const trap = async () => Number(await (await request(stack.base, { headers: { host: 'traps.test' } })).text());
  const alice = new Browser(stack);
  await alice.signIn('alice', '/HR');
  const status = async (path = '/HR') => (await alice.go(path)).status;
  assert.equal(await status(), 200);

  for (let n = 1; n <= 3; n += 1) {
    assert.equal(await trap(), n);
    const before = stack.app.requests.length;
    assert.equal(await status(), 500);
    assert.equal(stack.app.requests.length, before, 'nothing was let through');
    assert.deepEqual([await status(), await status('/IT'), await status('/assets/style.css')], [200, 403, 200]);
  }

  // The ledger, too, and what a browser holds of a sign-in under way.
  const bob = new Browser(stack);
  const begun = await bob.choose('bob', await bob.begin('/IT'));
  await trap();
  assert.equal(await status(), 500);
  assert.equal((await bob.post(begun)).status, 303);
  assert.equal((await bob.go('/IT')).status, 200);
  const again = await bob.post(begun);
  assert.equal(again.headers.get('x-access-gate'), 'login-state-missing');

  // Of many at once one fails, and nobody waits in vain.
  await trap();
  const many = await Promise.all(Array.from({ length: 20 }, () => status()));
  assert.equal(many.filter((one) => one === 500).length, 1, many.join());
  assert.equal(many.filter((one) => one === 200).length, 19, many.join());

  // Each is in the log in workerd's words, which no schema has.
  const { log } = stack.gate;
  const isTrap = (line) => /^Uncaught exception: .*RuntimeError/.test(line);
  await log.line(() => log.lines.filter(isTrap).length === 5);
  log.lines.splice(0, Infinity, ...log.lines.filter((line) => !isTrap(line)));
});
