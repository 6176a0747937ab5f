import assert from 'node:assert/strict';
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
