import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Browser } from './browser.mjs';
import { story, vestibule } from './story.mjs';

test('publish, refused, explain, diff, publish, allowed, rollback, refused', async (t) => {
  const { folder, stack, file, demo, write, store, publish } = await story(t);
  await write(() => {});
  const first = await publish('--note', 'the first');
  assert.equal(first.code, 0, first.output + first.errors);
  assert.match(first.output, /release 1 is in force/);
  assert.match((await publish()).output, /is live already/);

  await stack.anew();
  const alice = new Browser(stack);
  await alice.signIn('alice', '/');
  const status = async (path) => (await alice.go(path)).status;
  assert.deepEqual([await status('/HR'), await status('/IT')], [200, 403]);
  const line = await stack.gate.log.line(({ event, path }) => event === 'refused' && path === '/IT');
  assert.deepEqual([line.release, line.groups, line.person], [1, ['HR'], 'alice@example.com']);

  const why = await vestibule('policy', 'explain', '--as', 'alice@example.com', '--group', 'HR', 'GET', `${stack.base}/IT`, file);
  assert.equal(why.code, 1);
  assert.match(why.output, /The opposite answer: in group IT\./);

  const old = join(folder, 'old.json');
  await writeFile(old, await readFile(file));
  await write(({ rules }) => {
    rules[2].allow = { group: ['HR', 'IT'] };
  });
  const refused = await publish();
  assert.equal(refused.code, 1);
  assert.match(refused.output, /expect\/1: alice@example.com GET \/IT: expected deny, found allow/);
  await write(({ expect }) => {
    expect[1].then = 'allow';
  });
  const recorded = join(folder, 'decisions.ndjson');
  await writeFile(recorded, stack.gate.log.lines.join('\n'));
  const changes = await vestibule('policy', 'diff', old, file, '--decisions', recorded);
  assert.equal(changes.code, 1, changes.errors);
  assert.match(changes.output, /\/IT\/\*\*\n {2}\+ in group HR\n/);
  assert.match(changes.output, /alice@example.com GET \/IT: allow, was deny/);
  assert.match(changes.output, /Recorded decisions that would be others:\n {2}alice@example.com GET \/IT: allow, was deny \(1 times\)/);

  const tried = await publish('--report');
  assert.equal(tried.code, 0, tried.output + tried.errors);
  await stack.anew();
  assert.equal(await status('/IT'), 403);
  const other = await stack.gate.log.line(({ candidate }) => candidate);
  assert.deepEqual(other.candidate, { verdict: 'allow', rule: '/IT/**', release: 2 });

  const promoted = await publish('--promote', '--note', 'HR may see the machines');
  assert.equal(promoted.code, 0, promoted.output + promoted.errors);
  assert.match(promoted.output, /\+ in group HR/);
  await stack.anew();
  assert.deepEqual([await status('/HR'), await status('/IT')], [200, 200]);

  const back = await vestibule('rollback', 'localhost', ...store, '--yes', '--author', 'test');
  assert.equal(back.code, 0, back.output + back.errors);
  assert.match(back.output, /- in group HR[^]*release 3, the same as 1/);
  await stack.anew();
  assert.deepEqual([await status('/HR'), await status('/IT')], [200, 403]);

  const history = JSON.parse((await vestibule('history', 'localhost', ...store, '--json')).output);
  const told = history.map(({ number, author, note }) => [number, author, note]);
  assert.deepEqual(told, [[1, 'test', 'the first'], [2, 'test', 'HR may see the machines'], [3, 'test', 'back to release 1']]);
  assert.equal(history[0].digest, history[2].digest);

  await stack.gate.put('app/localhost', JSON.stringify({ ...demo, rules: [{ path: '/**', public: true }] }));
  assert.match((await publish('--dry-run')).output, /everybody, without a sign-in/);
  const byHand = JSON.parse(await stack.gate.get('history/localhost/000003'));
  await stack.gate.put('app/localhost', JSON.stringify({ ...byHand, rules: [{ path: '/**', public: true }] }));
  assert.match((await publish('--dry-run')).output, /Warning: app\/localhost was changed by hand/);
  await stack.gate.put('app/localhost', '{');
  await stack.anew();
  const broken = await alice.call('/HR');
  assert.deepEqual([broken.status, broken.headers.get('x-access-gate')], [503, 'document-unusable']);
  assert.match((await publish('--dry-run')).output, /app\/localhost in the store can't be read/);
  const mended = await vestibule('rollback', 'localhost', ...store, '--yes', '--author', 'test');
  assert.match(mended.output, /release 4, the same as 3/);
  await stack.anew();
  assert.deepEqual([await status('/HR'), await status('/IT')], [200, 403]);
});

test('a service token is made, used, changed and taken away', async (t) => {
  const { stack, write, store, publish } = await story(t);
  await write(({ rules, expect }) => {
    rules.push({ path: '/HR/echo', allow: { service: 'backup' } });
    expect.push({ as: { service: 'backup' }, get: '/HR/echo', then: 'allow' });
  });
  assert.equal((await publish()).code, 0);
  const until = ['--until', '2099-01-01T00:00:00Z'];
  const added = await vestibule('service', 'add', 'backup', '--name', 'Backup', ...until, ...store, '--json');
  assert.equal(added.code, 0, added.errors);
  assert.equal((await vestibule('service', 'add', 'backup', '--name', 'x', ...until, ...store)).code, 1);
  const { secret } = JSON.parse(added.output);
  const stored = await stack.gate.get('service/backup');
  assert.ok(!stored.includes(secret));

  await stack.anew();
  const call = async (secret, path = '/HR/echo') => {
    const headers = { 'X-Access-Client-Id': 'backup', 'X-Access-Client-Secret': secret };
    const answer = await new Browser(stack).call(path, { headers });
    return [answer.status, answer.headers.get('x-access-gate')];
  };
  assert.deepEqual(await call(secret), [200, null]);
  const showing = { 'X-Access-Client-Id': 'backup', 'X-Access-Client-Secret': secret };
  const echo = await new Browser(stack).json('/HR/echo', { headers: showing });
  const headers = Object.fromEntries(echo.headers);
  assert.equal(headers['x-access-subject'], 'service/backup');
  assert.equal(headers['x-access-client-secret'], undefined);
  const claims = JSON.parse(Buffer.from(headers['x-access-jwt'].split('.')[1], 'base64url'));
  assert.deepEqual([claims.sub, claims.service, claims.idp], ['service/backup', 'backup', undefined]);
  assert.deepEqual(await call(secret, '/HR'), [403, 'not-allowed']);
  assert.deepEqual(await call('wrong'), [401, 'service-token-refused']);

  const rotated = await vestibule('service', 'rotate', 'backup', ...until, ...store, '--json');
  const { secret: newer } = JSON.parse(rotated.output);
  const past = ['--until', '2020-01-01T00:00:00Z', '--overlap-hours', '0'];
  assert.equal((await vestibule('service', 'rotate', 'backup', ...past, ...store)).code, 2);
  await stack.anew();
  assert.deepEqual([await call(secret), await call(newer)], [[200, null], [200, null]], 'nothing has ended');
  const last = await vestibule('service', 'rotate', 'backup', ...until, '--overlap-hours', '0', ...store, '--json');
  assert.equal(last.code, 0, last.output + last.errors);
  await stack.anew();
  assert.deepEqual([await call(secret), await call(newer)].map(([status]) => status), [401, 401]);

  assert.equal((await vestibule('service', 'remove', 'backup', ...store)).code, 0);
  assert.equal((await vestibule('service', 'remove', 'backup', ...store)).code, 1);
});

test('sessions end when they are not used', async (t) => {
  const { stack, write, publish } = await story(t);
  await write(({ sign_in }) => {
    sign_in.idle = '8s';
  });
  assert.equal((await publish()).code, 0);
  await stack.anew();
  const alice = new Browser(stack);
  const signedIn = async () => (await alice.go('/')).status === 200;
  await alice.signIn('alice', '/');
  const first = alice.cookies.get('__Host-access');
  while (alice.cookies.get('__Host-access') === first) assert.ok(await signedIn());
  await stack.anew();
  assert.ok(await signedIn());
});
