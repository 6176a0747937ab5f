import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Browser } from './browser.mjs';
import { raw } from './raw.mjs';
import { startStack } from './stack.mjs';

const spa = 'https://spa.example.com';
const preflight = [
  ['Origin', spa],
  ['Access-Control-Request-Method', 'PUT'],
  ['Access-Control-Request-Headers', 'content-type'],
  ['Sec-Fetch-Mode', 'cors'],
];

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/** The demo's policy with more in it. */
const withPolicy = (more) => ({
  change: (documents) => ({ ...documents, 'app/localhost': JSON.stringify({ ...JSON.parse(documents['app/localhost']), ...more }) }),
});

const options = (stack, headers, path = '/HR') => raw(stack.port, path, { method: 'OPTIONS', headers });
const cors = ({ headers }) => [...headers.keys()].filter((name) => name.startsWith('access-control'));

test('preflights are refused where the document says nothing', async (t) => {
  const stack = await startStack(t);
  const answer = await options(stack, preflight);
  assert.equal(answer.status, 401);
  assert.deepEqual(cors(answer), []);
  assert.deepEqual(stack.app.requests, []);
});

test('preflights pass, and tell the application nobody', async (t) => {
  const stack = await startStack(t, withPolicy({ cors: 'pass' }));
  const carol = new Browser(stack);
  await carol.signIn('carol');
  const cookie = [...carol.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const before = stack.app.requests.length;
  const passed = await options(stack, [...preflight, ['Cookie', `${cookie}; theirs=1`], ['X-Access-Email', 'mallory@evil.example'], ['Accept', 'application/json']], '/HR/echo');
  assert.equal(passed.headers.get('x-access-gate'), null, passed.body);
  assert.equal(stack.app.requests.length, before + 1);
  assert.doesNotMatch(passed.body, /carol|mallory|__Host-access/);
  assert.equal((await options(stack, preflight, '/elsewhere')).status, 403);
  for (const missing of ['Origin', 'Access-Control-Request-Method']) {
    const answer = await options(stack, preflight.filter(([name]) => name !== missing));
    assert.equal(answer.status, 401, missing);
  }
  assert.equal(stack.app.requests.length, before + 1);
});

test('the gate answers preflights of listed origins', async (t) => {
  const answers = { origins: [spa], methods: ['GET', 'PUT'], headers: ['content-type'], credentials: true, max_age: '10m' };
  const stack = await startStack(t, withPolicy({ cors: answers }));
  const answer = await options(stack, preflight);
  assert.equal(answer.status, 204);
  assert.equal(answer.headers.get('access-control-allow-origin'), spa);
  assert.equal(answer.headers.get('access-control-allow-methods'), 'GET, PUT');
  assert.equal(answer.headers.get('access-control-allow-headers'), 'content-type');
  assert.equal(answer.headers.get('access-control-allow-credentials'), 'true');
  assert.equal(answer.headers.get('access-control-max-age'), '600');
  assert.match(answer.headers.get('vary'), /Origin/i);
  for (const origin of ['https://evil.example', 'null', `${spa}.evil.example`, `${spa}, https://evil.example`]) {
    const other = await options(stack, [['Origin', origin], ...preflight.slice(1)]);
    assert.equal(other.status, 401, origin);
    assert.deepEqual(cors(other), [], origin);
  }
  const doubled = await options(stack, [['Origin', 'https://evil.example'], ...preflight]);
  assert.equal(doubled.headers.get('access-control-allow-origin'), null, 'two origins');

  const problem = await new Browser(stack).call('/HR', { headers: { origin: spa } });
  assert.equal(problem.status, 401);
  assert.equal(problem.headers.get('access-control-allow-origin'), spa);
  assert.match(problem.headers.get('access-control-expose-headers'), /www-authenticate/);
  assert.equal((await problem.json()).sign_in, `${stack.base}/.access/login`);
  assert.deepEqual(stack.app.requests, []);
});

test('who is refused learns nothing, and a stranger neither', async (t) => {
  const stack = await startStack(t, withPolicy({ hide_refused: true }));
  const alice = new Browser(stack);
  await alice.signIn('alice');
  const shown = async (path, how) => {
    const answer = await alice[how](path);
    const text = await answer.text();
    const reference = /[0-9a-f]{12}/.exec(text)[0];
    const body = text.replaceAll(reference, '…').replaceAll(path, 'PATH');
    const headers = [...answer.headers].filter(([name]) => name !== 'date' && name !== 'content-length');
    return { seen: { status: answer.status, headers, body }, reference };
  };
  for (const how of ['go', 'call']) {
    const nothing = await shown('/nothing', how);
    assert.equal(nothing.seen.status, 404);
    const refused = await shown('/IT', how);
    assert.deepEqual(refused.seen, nothing.seen);
    const line = await stack.gate.log.line((one) => one.reference === refused.reference);
    assert.deepEqual([line.code, line.rule, line.person], ['not-allowed', '/IT/**', 'alice@example.com']);
  }
  const nobody = new Browser(stack);
  for (const path of ['/IT', '/nothing']) {
    assert.equal((await nobody.go(path)).status, 302, path);
    assert.equal((await nobody.call(path)).headers.get('x-access-gate'), 'sign-in-needed', path);
  }
});

test('a service that is refused learns nothing, and one that shows a bad token neither', async (t) => {
  const secret = 'a'.repeat(43);
  const expires = Math.floor(Date.now() / 1000) + 3_600;
  const service = (seconds) => JSON.stringify({ name: 'A machine', secrets: [{ sha256: sha256(secret), expires: seconds }] });
  const rules = [
    { path: '/IT/**', allow: { group: 'IT' } },
    { path: '/export/**', allow: { service: 'backup' } },
    { path: '/old/**', allow: { service: 'old' } },
    { path: '/shut/**', deny: { service: 'backup' } },
  ];
  const { change } = withPolicy({ hide_refused: true, rules, expect: [] });
  const services = { 'service/backup': service(expires), 'service/old': service(1) };
  const stack = await startStack(t, { change: (documents) => ({ ...change(documents), ...services }) });
  const ask = async (path, id, shown, accept) => {
    const headers = { accept, 'x-access-client-id': id, 'x-access-client-secret': shown };
    const answer = await new Browser(stack).call(path, { headers });
    const text = await answer.text();
    const [reference] = /[0-9a-f]{12}/.exec(text) ?? [];
    const body = text.replaceAll(reference, '…').replaceAll(path, 'PATH');
    const all = [...answer.headers].filter(([name]) => !['date', 'content-length'].includes(name));
    return { seen: { status: answer.status, headers: all, body }, reference };
  };
  for (const accept of ['application/json', 'text/html']) {
    // A good token: what is denied, what others may, and what is not there.
    const nothing = await ask('/nothing', 'backup', secret, accept);
    assert.equal(nothing.seen.status, 404);
    for (const [path, code] of [['/IT/x', 'not-allowed'], ['/old/x', 'not-allowed'], ['/shut/x', 'denied']]) {
      const refused = await ask(path, 'backup', secret, accept);
      assert.deepEqual(refused.seen, nothing.seen, path);
      const line = await stack.gate.log.line((one) => one.reference === refused.reference);
      assert.deepEqual([line.code, line.person], [code, 'service/backup'], path);
    }
    // A bad one: whichever service it names, whatever is wrong with it, wherever it goes.
    const bad = await ask('/nothing', 'backup', 'b'.repeat(43), accept);
    assert.equal(bad.seen.status, 401);
    for (const [id, shown] of [['backup', 'x'], ['old', secret], ['nobody', secret], ['', secret], ['backup', '']]) {
      for (const path of ['/nothing', '/IT/x', '/export/x', '/shut/x']) {
        const refused = await ask(path, id, shown, accept);
        assert.deepEqual(refused.seen, bad.seen, `${id} ${shown} ${path}`);
      }
    }
  }
  assert.deepEqual(stack.app.requests, []);
  const own = await ask('/export/x', 'backup', secret, 'application/json');
  assert.notEqual(own.seen.headers.find(([name]) => name === 'x-access-gate')?.[1], 'not-found');
  assert.equal(stack.app.requests.length, 1);
});
