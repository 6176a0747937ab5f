import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { paths, startApplication } from './application.mjs';
import { Browser, header } from './browser.mjs';
import { startFaulty } from './faulty.mjs';

/** The whole answer to a request: as little as possible is done to either. */
export function ask(port, path, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const information = [];
    const options = { port, host: '127.0.0.1', path, method, agent: false, maxHeaderSize: 128 * 1024, headers: { host: 'localhost', ...headers } };
    const outgoing = httpRequest(options, (incoming) => {
      const chunks = [];
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const pairs = incoming.rawHeaders.reduce((list, one, at, all) => (at % 2 ? list : [...list, [one.toLowerCase(), all[at + 1]]]), []);
        const { statusCode, statusMessage, rawTrailers: trailers } = incoming;
        resolve({ status: statusCode, reason: statusMessage, headers: pairs, trailers, information, body: Buffer.concat(chunks) });
      });
    });
    outgoing.on('information', ({ statusCode }) => information.push(statusCode));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** What belongs to a connection and not to an answer (RFC 9110 7.6.1), or to the moment. */
const ofTheConnection = ['connection', 'keep-alive', 'transfer-encoding', 'date'];

/** Lines of one name are one list (RFC 9110 5.3), but for Set-Cookie. */
function fields(headers) {
  const lists = new Map();
  for (const [name, value] of headers.filter(([name]) => !ofTheConnection.includes(name))) {
    const key = name === 'set-cookie' ? `${name} ${value}` : name;
    lists.set(key, lists.has(key) ? `${lists.get(key)}, ${value}` : value);
  }
  return [...lists].sort();
}

const comparable = ({ status, headers, body }) => ({
  status,
  headers: fields(headers),
  body: body.toString('latin1'),
});

const range = (range, more) => ({ headers: { range: `bytes=${range}`, ...more } });
const requests = [
  ...paths.map((path) => [path, {}]),
  ...paths.filter((path) => path !== '/until-closed').map((path) => [path, { method: 'HEAD' }]),
  ['/file', range('0-0')],
  ['/file', range('1000-')],
  ['/file', range('0-99', { 'if-range': '"v1"' })],
  ['/file', range('0-99', { 'if-range': '"v0"' })],
  ['/file', range('0-9,100-109,59990-')],
  ['/file', range('60000-')],
  ['/file', { headers: { 'if-none-match': '"v1"' } }],
  ['/gzip', { headers: { 'accept-encoding': 'gzip' } }],
  ['/gzip', { headers: { 'accept-encoding': 'br' } }],
  ['/br', { headers: { 'accept-encoding': 'gzip, br' } }],
  ...[200, 201, 202, 203, 204, 206, 207, 300, 304, 400, 401, 402, 403, 404, 405, 409, 410, 412, 418, 422, 429, 431, 451, 500, 501, 502, 503, 504, 507, 599].map((status) => [`/status/${status}`, {}]),
  ...[301, 302, 303, 307, 308].flatMap((status) =>
    ['/elsewhere', '../up', '?only=query', '//other.example/x', 'https://other.example/a?b#c', 'http://localhost/app/gate', 'x://y'].map((to) => [`/redirect/${status}?${encodeURIComponent(to)}`, {}]),
  ),
  ['/redirect/307?%2Fapp%2Flength', { method: 'POST', body: 'x' }],
];

test('an answer comes through as the application gave it', async (t) => {
  const app = await startApplication(t);
  const policy = {
    name: 'Application',
    hosts: ['localhost'],
    sign_in: { idps: ['sample'], idle: '2h' },
    rules: [{ path: '/app/**', allow: 'signed-in' }, { path: '/open/**', public: true }],
  };
  const change = (all) => ({ ...all, 'app/localhost': JSON.stringify(policy) });
  const stack = await startFaulty(t, { vars: { ORIGIN_URL: app.base }, change });
  const alice = new Browser(stack);
  await alice.signIn('alice', '/app/length');
  const signedIn = { cookie: header(alice.cookies) };

  const same = async (folder, more, added) => {
    for (const [path, options] of requests) {
      const name = `${options.method ?? 'GET'} ${folder}${path} ${JSON.stringify(options.headers ?? {})}`;
      await t.test(name, async () => {
        const headers = { ...options.headers, ...more };
        const [direct, through] = await Promise.all([ask(app.port, folder + path, options), ask(stack.port, folder + path, { ...options, headers })]);
        through.headers = added(through.headers);
        const [wanted, got] = [direct, through].map(comparable);
        assert.deepEqual(got, wanted);
      });
    }
  };
  const asIs = (headers) => headers;
  await same('/open', {}, asIs);
  await same('/app', signedIn, asIs);

  // From here on every answer brings a cookie of ours, because the session was not seen for a while.
  await stack.later(1_000);
  const withoutOurs = (headers) => {
    const others = headers.filter(([name, value]) => name !== 'set-cookie' || !value.startsWith('__Host-access='));
    assert.equal(headers.length - others.length, 1);
    return others;
  };
  await same('/app', signedIn, withoutOurs);

  await t.test('a 103 and trailers stay behind, and what they belong to comes', async () => {
    const [direct, through] = await Promise.all([app, stack].map(({ port }) => ask(port, '/open/hints')));
    assert.deepEqual([direct.information, through.information], [[103], []]);
    assert.equal(String(through.body), 'late');
    const trailed = await ask(stack.port, '/open/trailers');
    assert.deepEqual([String(trailed.body), trailed.trailers], ['body', []]);
  });
});
