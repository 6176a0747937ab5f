import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.mjs';
import { revocations } from './revoke.mjs';

const until = ['--until', '2099-01-01T00:00:00Z'];

test('what the store says later takes nothing back', async (t) => {
  const { stack, read, run } = await revocations(t);
  const alice = new Browser(stack);
  await alice.signIn('alice', '/');
  await run('revoke', '--everybody');
  await read();
  for (const older of ['{}', '{ "everybody": 1000 }', '{ "poeple": {} }']) {
    await stack.gate.put('revoked', older);
    await read();
    assert.equal((await alice.go('/')).status, 302, older);
  }
  const kept = await stack.gate.log.line(({ event }) => event === 'last-good-kept');
  assert.equal(kept.code, 'document-unusable');
  await stack.anew();
  assert.equal((await alice.call('/')).headers.get('x-access-gate'), 'document-unusable');
});

test('a stamp from the future keeps people out until it is set right', async (t) => {
  const { stack } = await revocations(t);
  const alice = new Browser(stack);
  const now = () => Math.floor(Date.now() / 1000);
  await stack.gate.put('revoked', JSON.stringify({ people: { 'alice@example.com': now() + 3600 } }));
  await stack.anew();
  const refused = await alice.signIn('alice', '/');
  assert.deepEqual([refused.status, refused.headers.get('x-access-gate')], [403, 'revoked-ahead']);
  await stack.gate.put('revoked', JSON.stringify({ people: { 'alice@example.com': now() } }));
  const bob = new Browser(stack);
  await bob.signIn('bob', '/');
  await bob.go('/.access/logout');
  assert.equal((await alice.signIn('alice', '/')).status, 303);
  assert.equal((await alice.go('/')).status, 200);
});

test('within a minute, also where nobody signs out', async (t) => {
  const { stack, run } = await revocations(t);
  const added = JSON.parse(await run('service', 'add', 'backup', '--name', 'Backup', ...until, '--json'));
  await stack.anew();
  const alice = new Browser(stack);
  await alice.signIn('alice', '/');
  const headers = { 'X-Access-Client-Id': 'backup', 'X-Access-Client-Secret': added.secret };
  const service = async () => (await new Browser(stack).call('/HR/echo', { headers })).status;
  assert.deepEqual([(await alice.go('/')).status, await service()], [200, 200]);
  await run('revoke', '--person', 'alice@example.com');
  await run('service', 'remove', 'backup');
  const revoked = Date.now();
  let seen;
  do {
    seen = [(await alice.go('/')).status, await service()];
    await new Promise((resolve) => setTimeout(resolve, 200));
  } while (String(seen) !== '302,401' && Date.now() - revoked < 60_000);
  assert.deepEqual(seen, [302, 401]);
  // A token that is made later counts, though it is the same service.
  const again = JSON.parse(await run('service', 'add', 'backup', '--name', 'Backup', ...until, '--json'));
  headers['X-Access-Client-Secret'] = again.secret;
  await stack.anew();
  assert.equal(await service(), 200);
});
