import assert from 'node:assert/strict';
import { test } from 'node:test';
import { raw } from './raw.mjs';
import { startStack } from './stack.mjs';

const document = (host, rules) =>
  JSON.stringify({ name: host, hosts: [host], sign_in: { idps: ['sample'] }, rules });

/** Host, path, status, and the code of the gate where the answer is its own. */
const cases = [
  ['a.example.com', '/assets/style.css', 200, null],
  ['A.EXAMPLE.COM', '/assets/style.css', 200, null],
  ['a.example.com.', '/assets/style.css', 200, null],
  ['a.example.com', '/closed', 403, 'not-allowed'],
  ['exact.example.com', '/assets/style.css', 403, 'not-allowed'],
  ['misplaced.example.com', '/assets/style.css', 503, 'document-unusable'],
  ['b.a.example.com', '/assets/style.css', 503, 'host-unknown'],
  ['example.com', '/assets/style.css', 503, 'host-unknown'],
  ['a.example.org', '/assets/style.css', 503, 'host-unknown'],
  ['*.example.com', '/assets/style.css', 503, 'document-unusable'],
];

test('hosts', async (t) => {
  const stack = await startStack(t, {
    change: (documents) => ({
      ...documents,
      'app/*.example.com': document('*.example.com', [{ path: '/assets/style.css', public: true }]),
      'app/exact.example.com': document('exact.example.com', [{ path: '/other', public: true }]),
      'app/misplaced.example.com': document('a.example.com', [{ path: '/assets/style.css', public: true }]),
    }),
  });
  for (const [host, path, status, code] of cases) {
    await t.test(`${host}${path}`, async () => {
      const before = stack.app.requests.length;
      const answer = await raw(stack.port, path, { host });
      assert.equal(answer.status, status, answer.body);
      assert.equal(stack.app.requests.length - before, status === 200 ? 1 : 0);
      if (code) assert.equal(answer.headers.get('x-access-gate'), code);
    });
  }
});
