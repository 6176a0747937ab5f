import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { request } from './request.mjs';
import { startStack } from './stack.mjs';

/** The module that makes the bindings fail. */
export const entry = fileURLToPath(new URL('faults/entry.mjs', import.meta.url));

/** Tells a gate at `base`, behind that module, what fails and what its clock shows. */
export async function tell(base, what) {
  const answer = await request(base, { method: 'PUT', headers: { host: 'faults.test' }, body: JSON.stringify(what) });
  assert.equal(answer.status, 200);
}

/**
 * The stack, with bindings that fail as they are told: `stack.faults({ on, at, how, … }, …)` until
 * the next call, `stack.faults()` ends them. `stack.later(seconds)` puts the gate's clock ahead.
 */
export async function startFaulty(t, options) {
  const stack = await startStack(t, { ...options, entry });
  const told = { faults: [], clock: { from: 0, to: 0, pace: 1 } };
  return Object.assign(stack, {
    async faults(...faults) {
      told.faults = faults;
      await tell(stack.base, told);
    },
    async later(seconds) {
      told.clock.to += seconds * 1_000;
      await tell(stack.base, told);
    },
  });
}

/** What the store or the ledger may do instead of answering. */
export const silent = [
  ['rejects', { how: 'reject' }],
  ['throws', { how: 'throw' }],
  ['hangs', { how: 'hang' }],
  ['is too slow', { how: 'slow', ms: 6_000 }],
];

/** What the ledger may answer that means nothing. */
export const nonsense = [
  ['answers 500', { how: 'answer', status: 500, body: '[]' }],
  ['answers with no JSON', { how: 'answer', status: 200, body: 'stamps' }],
  ['answers null', { how: 'answer', status: 200, body: 'null' }],
  ['answers 204', { how: 'answer', status: 204 }],
];

/** Cases `[name, fault, code]` of faults that befall one binding, or a part of it. */
export const befall = (what, where, faults, code) =>
  faults.map(([name, fault]) => [`${what} ${name}`, { ...where, ...fault }, code]);

/** Longer than the gate goes without reading a host's documents anew, in seconds. */
export const TOO_OLD = 61;

/** Milliseconds within which everybody has an answer, whatever hangs: for a minute, otherwise. */
const PATIENCE = 10_000;

export async function soon(asked) {
  const start = performance.now();
  const answer = await asked;
  const took = performance.now() - start;
  assert.ok(took < PATIENCE, `${took} ms`);
  return answer;
}

/** The code with which the gate said no, or null: the application answered. It may not believe an
 * assertion whose time has not come yet, where the gate's clock is ahead. */
export const codeOf = (answer) => answer.headers.get('x-access-gate');
