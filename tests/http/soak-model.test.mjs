import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expected } from '../soak/expected.mjs';
import { decide } from '../soak/model.mjs';
import { spread } from '../soak/world.mjs';

const policy = { sign_in: { max_age: '12h' }, rules: [{ path: '/**', allow: 'signed-in' }] };
const world = { policies: () => [policy], revocations: () => [] };
const gates = ['its own', 'another'].map(() => ({ keys: [0], clock: { pace: 30 } }));
const begun = [1_000, 1_000];
const copy = { key: 0, seen: begun };
const request = { method: 'GET', path: '/HR', ip: '192.0.2.7' };

/** What may come of a request within these seconds of the gate's clock, where somebody signs out at the first gate. */
function answers(at, out, times) {
  const person = { email: 'alice@example.com', groups: ['HR'] };
  const session = { host: 'one.soak.test', person, started: begun, signedInAt: begun, maxAge: [43_200], out: { gate: gates[0], ...out } };
  return [...expected(world, gates[at], { host: session.host, request, session, copy }, times)].sort();
}

test('a request in the second of a sign-out may have either answer, and outside of it one', () => {
  const [before, after] = [['forward alice@example.com HR'], ['sign-in']];
  const either = [...before, ...after];
  const out = { from: 2_000, to: 2_001 };
  const later = 2_001 + spread(gates[1].clock);
  for (const [at, times, wanted] of [
    [0, [1_999, 1_999], before],
    [0, [2_000, 2_000], either],
    [0, [2_001, 2_001], either],
    [0, [2_002, 2_002], after],
    [0, [1_999, 2_000], either],
    [0, [2_001, 2_002], either],
    [1, [1_999, 1_999], before],
    [1, [later, later], either],
    [1, [later + 1, later + 1], after],
  ]) assert.deepEqual(answers(at, out, times), wanted, `gate ${at} ${times}`);
  // Its answer has not come yet.
  assert.deepEqual(answers(0, { from: 2_000, to: Infinity }, [9_000, 9_000]), either);
});

test('a service gets in by a part that names it, and by no address', () => {
  const [backup, near, far] = [{ service: 'backup' }, { ip: '192.0.2.0/24' }, { ip: '198.51.100.7' }];
  for (const [allow, verdict] of [
    [backup, 'forward'],
    [{ any: [near, backup] }, 'forward'],
    [{ set: 'machines' }, 'forward'],
    [{ all: [near, { any: ['signed-in', backup] }] }, 'forward'],
    [{ any: [near, { all: [far, backup] }] }, 'refused'],
    [{ all: [far, backup] }, 'refused'],
    [{ service: 'deploy' }, 'refused'],
    [near, 'refused'],
  ]) {
    const policy = { sets: { machines: { any: [backup, near] } }, rules: [{ path: '/**', allow }] };
    assert.equal(decide(policy, { ...request, now: 2_000 }, { service: 'backup' }).verdict, verdict, JSON.stringify(allow));
  }
});
