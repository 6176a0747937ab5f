import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '../../tools/lib/servers.mjs';
import { heldByAll } from '../soak/inspector.mjs';
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

test('of a wildcard stand no more hosts in memory than there is room for', async (t) => {
  // 200 KB: as many of them as of forty hosts are remembered.
  const rules = Array.from({ length: 2_500 }, (_, at) => ({ path: `/team-${at}/**`, allow: { group: `Team ${at}`.padEnd(30, '-') } }));
  const inspector = await freePort();
  const change = (documents) => ({ ...documents, 'app/*.example.com': document('*.example.com', rules) });
  const stack = await startStack(t, { change, inspector });
  const heldWith = async (hosts) => {
    for (const host of hosts) assert.equal((await raw(stack.port, '/closed', { host: `${host}.example.com` })).status, 403);
    return (await heldByAll(inspector)).get('core:user:gate');
  };
  const hosts = (letter, length) => Array.from({ length }, (_, at) => `${letter}${at}`);
  const [one, some, more] = [await heldWith(hosts('a', 1)), await heldWith(hosts('b', 39)), await heldWith(hosts('c', 20))];
  t.diagnostic(`${[one, some, more].map((bytes) => Math.round(bytes / 2 ** 20)).join(', ')} MiB with 1, 40 and 60 hosts`);
  assert.ok(some > 2 * one, 'they are remembered');
  assert.ok(more < 1.25 * some, `${some} bytes, and then ${more}`);
});
