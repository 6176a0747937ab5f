import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { readRequest } from '../../demo/idp/samlp.mjs';
import { personById } from '../../demo/people.mjs';
import { Browser, header, keep } from './browser.mjs';
import { startFaulty } from './faulty.mjs';

/** Names that can't be made shorter, of so many letters. */
const names = (count, letters = 64) =>
  Array.from({ length: count }, (_, n) => createHash('sha512').update(`${n}`).digest('hex').slice(0, letters));

const parts = (cookies) => [...cookies.keys()].filter((name) => /^__Host-access(-\d)?$/.test(name)).sort();
const part = (at) => (at ? `__Host-access-${at}` : '__Host-access');

/** Signs in as somebody with more groups. */
async function signIn(stack, name, groups) {
  const browser = new Browser(stack);
  const { SAMLRequest, RelayState } = await browser.begin('/HR');
  const { id } = await readRequest(SAMLRequest);
  const person = personById(name);
  const answer = await stack.idp.answer(id, { ...person, groups: [...person.groups, ...groups] });
  const landed = await browser.post({ ...answer, RelayState });
  assert.equal(landed.status, 303, await landed.clone().text());
  return browser;
}

const idle = (documents) => {
  const policy = JSON.parse(documents['app/localhost']);
  policy.sign_in.idle = '10m';
  return { ...documents, 'app/localhost': JSON.stringify(policy) };
};

test('a session of many cookies', async (t) => {
  const stack = await startFaulty(t, { change: idle });
  const alice = await signIn(stack, 'alice', names(480));
  const whole = new Map(alice.cookies);
  const all = parts(alice.cookies);
  /** Whether the gate lets it pass: the application may not believe what its clock finds to be early. */
  const opens = async (cookies) => (await new Browser(stack).go('/HR', { cookies })).headers.get('x-access-gate') === null;
  /** Whoever has no whole session is nobody: sent to sign in, or told so. */
  const isNobody = async (cookies, name) => {
    const other = new Browser(stack);
    assert.equal((await other.go('/HR', { cookies })).status, 302, name);
    const script = await other.call('/.access/whoami', { cookies });
    assert.deepEqual([script.status, script.headers.get('x-access-gate')], [401, 'sign-in-needed'], name);
  };

  await t.test('it is whole: all groups, and none of it for the application', async () => {
    assert.equal(all.length, 7);
    const { groups, groups_complete } = await alice.json('/.access/whoami');
    assert.deepEqual([groups.length, groups_complete], [481, true]);
    const { headers } = await alice.json('/HR/echo');
    assert.deepEqual(headers.filter(([, value]) => value.includes('__Host-access')), []);
    const line = await stack.gate.log.line((one) => one.event === 'signed-in');
    assert.equal(line.groups_dropped, undefined);
  });

  await t.test('one part missing, doubled, or in another place', async () => {
    for (const name of all) {
      const less = new Map(whole);
      less.delete(name);
      await isNobody(less, `without ${name}`);
    }
    const turned = new Map(whole).set(part(1), whole.get(part(2))).set(part(2), whole.get(part(1)));
    await isNobody(turned, 'two in each other\'s place');
    const cookie = `${header(whole)}; ${part(3)}=${whole.get(part(3))}`;
    const answer = await new Browser(stack).go('/HR', { headers: { cookie }, cookies: new Map() });
    assert.equal(answer.status, 302, 'doubled');
    assert.ok(await opens(whole));
  });

  await t.test('a part of another session, of somebody else or of her own', async () => {
    const others = { carol: await signIn(stack, 'carol', names(480)), alice: await signIn(stack, 'alice', names(480)) };
    for (const [name, { cookies }] of Object.entries(others)) {
      for (const at of all) await isNobody(new Map(whole).set(at, cookies.get(at)), `${at} of ${name}`);
    }
    const count = whole.get(part(0)).replace('7.', '6.');
    await isNobody(new Map(whole).set(part(0), count), 'a smaller number of parts');
  });

  await t.test('all of it is set anew when its time to idle is', async () => {
    await stack.later(120);
    const answer = await alice.go('/HR');
    assert.equal(answer.status, 200);
    const set = new Map();
    for (const line of answer.headers.getSetCookie()) {
      assert.ok(line.length <= 4096, `${line.length}`);
      keep(set, line);
    }
    assert.deepEqual(parts(set), all);
    for (const name of all) {
      assert.notEqual(set.get(name), whole.get(name), name);
      await isNobody(new Map(set).set(name, whole.get(name)), `the old ${name}`);
    }
    assert.deepEqual([await opens(set), await opens(whole)], [true, true]);
    await stack.later(500);
    assert.deepEqual([await opens(set), await opens(whole)], [true, false]);
    await stack.later(-620);
  });

  await t.test('a smaller one takes the place of all', async () => {
    const { SAMLRequest, RelayState } = await alice.begin('/.access/login?to=/HR');
    const { id } = await readRequest(SAMLRequest);
    await alice.post({ ...(await stack.idp.answer(id, personById('alice'))), RelayState });
    assert.deepEqual(parts(alice.cookies), [part(0)]);
    assert.equal((await alice.go('/HR')).status, 200);
  });

  await t.test('signing out takes all of it', async () => {
    const again = await signIn(stack, 'alice', names(480));
    assert.equal(parts(again.cookies).length, 7);
    const copy = new Map(again.cookies);
    assert.equal((await again.go('/.access/logout')).status, 200);
    assert.deepEqual([...again.cookies], []);
    assert.ok(!(await opens(copy)));
  });
});

test('of more groups than the cookies hold, those that the policy names are there', async (t) => {
  const stack = await startFaulty(t);
  const alice = await signIn(stack, 'alice', names(450, 120));
  const line = await stack.gate.log.line((one) => one.event === 'signed-in');
  assert.equal(line.groups_dropped, 450);
  const { groups, groups_complete } = await alice.json('/.access/whoami');
  assert.deepEqual([groups, groups_complete], [['HR'], false]);
  const told = new Map((await alice.json('/HR/echo')).headers);
  assert.deepEqual([told.get('x-access-groups'), told.get('x-access-groups-complete')], ['HR', 'false']);
  const [, claims] = told.get('x-access-jwt').split('.');
  assert.equal(JSON.parse(Buffer.from(claims, 'base64url')).groups_complete, false);
  assert.equal((await alice.go('/IT')).status, 403);
});
