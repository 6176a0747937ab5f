import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.mjs';
import { befall, nonsense, silent, startFaulty, TOO_OLD } from './faulty.mjs';

test('who was signed out stays out while the ledger and KV fail', async (t) => {
  const stack = await startFaulty(t);
  const browser = new Browser(stack);
  await browser.signIn('alice', '/HR');
  const copy = new Map(browser.cookies);
  await browser.go('/.access/logout');
  assert.equal((await browser.go('/HR', { cookies: copy })).status, 302);
  for (const [, fault] of befall('', { on: 'LEDGER' }, [...silent, ...nonsense])) {
    await stack.faults(fault, { on: 'CONFIG', how: 'reject' });
    await stack.later(TOO_OLD);
    assert.equal((await browser.go('/HR', { cookies: copy })).status, 302, fault.how);
  }
});

test('who signs out while sign-outs are read stays out', async (t) => {
  const stack = await startFaulty(t);
  const browser = new Browser(stack);
  await browser.signIn('alice', '/HR');
  const copy = new Map(browser.cookies);
  // Old enough to be read anew in the background; what is read now comes after the sign-out.
  await stack.later(22);
  await stack.faults({ on: 'LEDGER', at: '/stamps', how: 'old', ms: 4_000 });
  assert.notEqual((await browser.go('/HR')).status, 302);
  await stack.faults();
  await browser.go('/.access/logout');
  for (const end = Date.now() + 800; Date.now() < end; ) {
    assert.equal((await browser.go('/HR', { cookies: copy })).status, 302);
  }
});

test('who has just signed out stays out without the ledger', async (t) => {
  const stack = await startFaulty(t);
  const browser = new Browser(stack);
  await browser.signIn('alice', '/HR');
  const copy = new Map(browser.cookies);
  assert.notEqual((await browser.go('/HR')).status, 302);
  await browser.go('/.access/logout');
  await stack.faults({ on: 'LEDGER', how: 'reject' });
  assert.equal((await browser.go('/HR', { cookies: copy })).status, 302);
});

/** Signed in at a gate that reads sign-outs anew, which takes long, and signed out at its twin. */
async function signedOutElsewhere(t, reading) {
  const stack = await startFaulty(t, { twin: true });
  const browser = new Browser(stack);
  await browser.signIn('alice', '/HR');
  const cookies = new Map(browser.cookies);
  const status = async () => (await browser.go('/HR', { cookies: new Map(cookies) })).status;
  const signOut = async () => assert.equal((await new Browser({ base: stack.twin }).go('/.access/logout', { cookies })).status, 200);
  const begin = async () => {
    await stack.later(22);
    await stack.faults({ on: 'LEDGER', at: '/stamps', ...reading });
    assert.notEqual(await status(), 302);
  };
  const staysOut = async () => {
    await stack.later(4);
    for (const end = Date.now() + 800; Date.now() < end; ) assert.equal(await status(), 302);
  };
  return { stack, begin, signOut, staysOut };
}

test('what was read before a sign-out and comes late takes nothing back', async (t) => {
  const { stack, begin, signOut, staysOut } = await signedOutElsewhere(t, { how: 'old', ms: 4_500 });
  await begin();
  await stack.faults();
  await signOut();
  await staysOut();
});

test('a reading that fails takes nothing back that another has brought', async (t) => {
  const { stack, begin, signOut, staysOut } = await signedOutElsewhere(t, { how: 'slow', ms: 1_000 });
  await signOut();
  await begin();
  await stack.faults({ on: 'LEDGER', how: 'hang' });
  await staysOut();
});
