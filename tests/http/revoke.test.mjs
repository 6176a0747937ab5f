import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.mjs';
import { revocations } from './revoke.mjs';
import { vestibule } from './story.mjs';

test('sessions are revoked, and the next sign-in counts at once', async (t) => {
  const { stack, read, run } = await revocations(t);
  const alice = new Browser(stack);
  const status = async (browser) => (await browser.go('/')).status;
  await alice.signIn('alice', '/');
  await run('revoke', '--person', 'carol@example.com');
  await read();
  for (const whom of [['--person', 'Alice@example.com'], ['--host', 'localhost'], ['--everybody']]) {
    assert.equal(await status(alice), 200);
    assert.match(await run('revoke', ...whom), /end within a minute/);
    await read();
    assert.equal(await status(alice), 302, whom.join(' '));
    // The stamp is later than this second, for computers whose clock is behind.
    await alice.signIn('alice', '/');
    assert.equal(await status(alice), 200, whom.join(' '));
  }
});

test('of two administrators at once neither stamp gets lost, and each has said who they are', async (t) => {
  const { stack, run } = await revocations(t);
  const [alice, bob] = [new Browser(stack), new Browser(stack)];
  await alice.signIn('alice', '/');
  await bob.signIn('bob', '/');
  const whom = { 'alice@example.com': 'it@example.com', 'bob@example.com': 'boss@example.com' };
  await Promise.all(Object.entries(whom).map(([person, author]) => run('revoke', '--person', person, '--author', author)));
  await stack.anew();
  const statuses = [(await alice.go('/HR')).status, (await bob.go('/IT')).status];
  assert.deepEqual(statuses, [302, 302], 'also where nothing is remembered');
  const listed = JSON.parse(await run('revoke', '--list', '--json'));
  const said = listed.map(({ author, stamps }) => [Object.keys(stamps.people).join(), author]);
  assert.deepEqual(Object.fromEntries(said), whom);
  await alice.signIn('alice', '/HR');
  assert.equal((await alice.go('/HR')).status, 200);
  assert.equal((await vestibule('revoke', '--local')).code, 2);
  for (const host of ['https://localhost/', 'localhost:8787', 'localhost.', '*', '*.com', '*.*.example.com', '', ' ']) {
    assert.equal((await vestibule('revoke', '--host', host, '--local')).code, 2, host);
  }
  assert.equal((await vestibule('revoke', '--person', '', '--local')).code, 2);
});
