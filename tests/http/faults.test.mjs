import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.mjs';
import { befall, codeOf, nonsense, silent, soon, startFaulty, TOO_OLD } from './faulty.mjs';
import { request } from './request.mjs';

const open = { name: 'Open', hosts: ['*.cold.test'], sign_in: { idps: ['sample'] }, rules: [{ path: '/**', public: true }] };
const withOpen = (all) => ({ ...all, 'app/*.cold.test': JSON.stringify(open) });

const unusable = [
  ['gives half a document', { how: 'cut' }],
  ['gives nothing at all', { how: 'value', value: '' }],
  ['gives a page', { how: 'value', value: '<!DOCTYPE html><title>502</title>' }],
  ['gives another kind of document', { how: 'value', value: '{"metadata":""}' }],
];

/** What fails while documents are read, and the code of it. */
const reading = [
  ...befall('KV', { on: 'CONFIG' }, silent, 'store-unavailable'),
  ...befall('KV, for the policy,', { on: 'CONFIG', at: 'app/' }, unusable, 'document-unusable'),
  ...befall('KV, for the identity provider,', { on: 'CONFIG', at: 'idp/' }, unusable.slice(0, 3), 'idp-document-unusable'),
  ...befall('KV, for the identity provider,', { on: 'CONFIG', at: 'idp/' }, [['gives null', { how: 'value', value: null }]], 'idp-missing'),
  ...befall('KV, for what is revoked,', { on: 'CONFIG', at: 'revoked' }, unusable.slice(1), 'document-unusable'),
  ...befall('the ledger', { on: 'LEDGER', at: '/stamps' }, [...silent, ...nonsense], 'ledger-unavailable'),
];

test('where documents were read before, what was good stays', async (t) => {
  const stack = await startFaulty(t);
  const [alice, nobody] = [new Browser(stack), new Browser(stack)];
  await alice.signIn('alice');
  const policy = await stack.gate.get('app/localhost');
  const closed = policy.replace('"/HR/**"', '"/OLD/**"');

  for (const [name, fault, code] of reading) {
    await t.test(`${name}: ${code} in the log, and nothing changes`, async () => {
      const before = stack.gate.log.lines.length;
      await stack.faults(fault);
      await stack.later(TOO_OLD);
      assert.equal(codeOf(await soon(alice.go('/HR'))), null);
      assert.equal(codeOf(await soon(alice.go('/IT'))), 'not-allowed');
      assert.equal((await soon(nobody.go('/HR'))).status, 302);
      const kept = await stack.gate.log.line((line) => line.event === 'last-good-kept', before);
      assert.equal(kept.code, code);
      assert.equal(kept.host, 'localhost');

      // It ends, and what was stored meanwhile is in force.
      await stack.gate.put('app/localhost', closed);
      await stack.faults();
      await stack.later(TOO_OLD);
      assert.equal(codeOf(await alice.go('/HR')), 'not-allowed');
      await stack.gate.put('app/localhost', policy);
      await stack.later(TOO_OLD);
      assert.equal(codeOf(await alice.go('/HR')), null);
    });
  }

  await t.test('KV is slow: it is waited for', async () => {
    await stack.faults({ on: 'CONFIG', at: 'app/', how: 'slow', ms: 1_000 });
    await stack.gate.put('app/localhost', closed);
    await stack.later(TOO_OLD);
    assert.equal(codeOf(await soon(alice.go('/HR'))), 'not-allowed');
    await stack.gate.put('app/localhost', policy);
    await stack.faults();
    await stack.later(TOO_OLD);
    assert.equal(codeOf(await alice.go('/HR')), null);
  });

  await t.test('KV gives null for the policy: host-unknown, until it is there again', async () => {
    await stack.faults({ on: 'CONFIG', at: 'app/', how: 'value', value: null });
    await stack.later(TOO_OLD);
    for (const path of ['/HR', '/assets/style.css']) {
      const answer = await alice.go(path);
      assert.deepEqual([answer.status, answer.headers.get('x-access-gate')], [503, 'host-unknown']);
    }
    await stack.faults();
    assert.equal(codeOf(await alice.go('/HR')), null);
  });
});

test('where nothing was read before, nothing opens', async (t) => {
  const stack = await startFaulty(t, { change: withOpen });
  let hosts = 0;
  const refused = async (fault, code) => {
    // A host that the gate has never seen.
    const host = `host-${(hosts += 1)}.cold.test`;
    const ask = () => request(`${stack.base}/page`, { headers: { host, accept: 'text/html' } });
    await stack.faults(fault);
    const answer = await soon(ask());
    assert.equal(answer.status, 503);
    assert.equal(codeOf(answer), code);
    assert.match(await answer.text(), new RegExp(code));
    await stack.gate.log.line((line) => line.event === 'refused' && line.host === host && line.code === code);
    assert.deepEqual(stack.app.requests, []);
    return ask;
  };

  // What is revoked is remembered for all hosts together, so that these come before it was ever read.
  const [first, later] = [true, false].map((wanted) => reading.filter(([, { at }]) => (at === 'revoked') === wanted));
  for (const [name, fault, code] of first) await t.test(`${name}: 503 ${code}`, () => refused(fault, code));
  for (const [name, fault, code] of later) {
    await t.test(`${name}: 503 ${code}, and it recovers`, async () => {
      const ask = await refused(fault, code);
      await stack.faults();
      assert.equal(codeOf(await ask()), null);
      stack.app.requests.length = 0;
    });
  }
});

test('KV gives an old release after a newer one: document-old in the log, and the newer stays', async (t) => {
  const release = (number, path) => (text) => {
    const policy = JSON.parse(text.replace('"/HR/**"', JSON.stringify(path)));
    const written = { number, digest: '0'.repeat(64), author: 'a@example.com', time: new Date().toISOString().replace(/\.\d+/, '') };
    return JSON.stringify({ ...policy, release: written });
  };
  const [open, closed, reopened] = [release(1, '/HR/**'), release(2, '/OLD/**'), release(3, '/HR/**')];
  const stack = await startFaulty(t, { change: (all) => ({ ...all, 'app/localhost': open(all['app/localhost']) }) });
  const alice = new Browser(stack);
  await alice.signIn('alice');
  assert.equal(codeOf(await alice.go('/HR')), null);
  const old = await stack.gate.get('app/localhost');

  await stack.gate.put('app/localhost', closed(old));
  await stack.later(TOO_OLD);
  assert.equal(codeOf(await alice.go('/HR')), 'not-allowed');

  await stack.faults({ on: 'CONFIG', at: 'app/localhost', how: 'value', value: old });
  await stack.later(TOO_OLD);
  assert.equal(codeOf(await alice.go('/HR')), 'not-allowed');
  await stack.gate.log.line((line) => line.event === 'last-good-kept' && line.code === 'document-old');

  // To go back is a release of its own.
  await stack.faults();
  await stack.gate.put('app/localhost', reopened(old));
  await stack.later(TOO_OLD);
  assert.equal(codeOf(await alice.go('/HR')), null);
});
