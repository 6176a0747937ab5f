import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request as ask } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { generate } from 'selfsigned';
import { listen } from '../../demo/listen.mjs';
import { root } from '../../tools/lib/paths.mjs';
import { startStack } from './stack.mjs';

const binary = join(root, 'target', 'debug', 'vestibule');
const day = 86_400_000;

/** A stack with a store that can be read from outside, a server before it that can be made to get things wrong, and its doctor. */
async function startPatient(t, options = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-doctor-'));
  t.after(() => rm(folder, { recursive: true }));
  const front = await startFront(t);
  const stack = await startStack(t, { folder, ...options, vars: { GATE_URL: front.url, ...options.vars } });
  front.stack = stack;
  const config = join(folder, 'wrangler.toml');
  const ours = await readFile(join(root, 'wrangler.toml'), 'utf8');
  const limit = '\n[[ratelimits]]\nname = "LOGIN_LIMIT"\nnamespace_id = "1001"\nsimple = { limit = 20, period = 60 }\n';
  await writeFile(config, ours + (ours.includes('\n[[ratelimits]]') ? '' : limit));
  const store = ['--local', '--persist-to', folder];
  const doctor = (...more) =>
    new Promise((resolve) => {
      const policy = ['--policy', join(root, 'demo', 'policy.json')];
      const args = ['doctor', front.url, '--config', config, ...policy, '--json', ...more];
      execFile(binary, args, { cwd: root }, (error, output, errors) => {
        const report = output ? JSON.parse(output) : null;
        const found = (check) => report.findings.find((one) => one.check === check) ?? { outcome: 'missing' };
        resolve({ code: error ? error.code : 0, report, found, errors });
      });
    });
  return { stack, front, store, doctor };
}

/** A server before the gate: `around` names paths that it leads straight to the application, `change` alters answers. */
async function startFront(t) {
  const front = {};
  const server = createServer((incoming, outgoing) => {
    const { method, rawHeaders: headers, url: path } = incoming;
    const to = front.around?.(path) ? front.stack.app.base : front.stack.base;
    ask({ host: '127.0.0.1', port: new URL(to).port, method, path, headers }, async (response) => {
      const pieces = await response.toArray();
      const kept = { ...response.headers, date: new Date().toUTCString() };
      const answer = { headers: kept, body: Buffer.concat(pieces).toString() };
      delete kept['transfer-encoding'];
      delete kept['content-length'];
      front.change?.(path, answer);
      outgoing.writeHead(response.statusCode, answer.headers).end(answer.body);
    }).end();
  });
  const { port, close } = await listen(server);
  t.after(close);
  return Object.assign(front, { url: `http://localhost:${port}` });
}

test('a gate in good health, and what may be wrong in its store', async (t) => {
  const { stack, store, doctor } = await startPatient(t, { without: ['app/localhost'] });
  const empty = await doctor(...store);
  assert.equal(empty.code, 1);
  assert.match(empty.found('release').says, /nothing is stored as app\/localhost/);
  assert.match(empty.found('sign-in').says, /host-unknown/);

  const policy = await readFile(join(root, 'demo', 'policy.json'), 'utf8');
  await stack.gate.put('app/localhost', policy);
  const { code, report, found } = await doctor(...store, '--echo', '/assets/echo', '--origin', stack.app.base);
  assert.deepEqual([code, report.bad], [0, 0], JSON.stringify(report, null, 1));
  const good = [
    ...['workers-dev', 'preview-urls', 'store', 'login-limit', 'health', 'clock', 'metadata', 'saml-key', 'jwks', 'key-age'],
    ...['sign-in', 'forged-headers', 'coverage', 'spoofed-headers', 'release', 'identity-provider', 'origin'],
  ];
  for (const check of good) assert.equal(found(check).outcome, 'good', `${check}: ${JSON.stringify(found(check))}`);
  // What no file and no answer tells is not made up.
  for (const check of ['route', 'fail-closed']) assert.equal(found(check).outcome, 'unknown', check);
  for (const one of report.findings) assert.equal(one.outcome === 'good', one.remedy === undefined, one.check);

  await stack.gate.put('app/localhost', policy.replace('"HR"', '"IT"'));
  await stack.gate.put('idp/sample', '{}');
  const changed = await doctor(...store);
  assert.match(changed.found('release').says, /the file says something else/);
  assert.match(changed.found('identity-provider').says, /idp\/sample can't be used/);
  await stack.gate.put('app/localhost', '{');
  assert.match((await doctor(...store)).found('release').says, /can't be read/);

  const outside = await doctor('--origin', 'http://localhost:9', '--echo', '/assets/style.css');
  for (const check of ['release', 'identity-provider', 'spoofed-headers']) {
    assert.equal(outside.found(check).outcome, 'unknown', check);
  }
  assert.match(outside.found('origin').says, /nothing answers there/);
  assert.equal((await doctor('--policy', 'nothing.json')).code, 2);
});

const only = (wanted, change) => (path, answer) => path === wanted && change(answer);
const key = (change) =>
  only('/.access/jwks.json', (answer) => {
    const set = JSON.parse(answer.body);
    change(set.keys[0]);
    answer.body = JSON.stringify(set);
  });
const elsewhere = (answer) => (answer.body = answer.body.replaceAll('localhost', 'other.example'));
const late = (path, { headers }) => (headers.date = new Date(Date.now() - 3_600_000).toUTCString());
const old = () => Math.floor(Date.now() / 1000) - 400 * 86_400;

/** What goes wrong before the gate, which check finds it, and what it says. */
const faults = [
  ['a clock that is wrong', { change: late }, 'clock', /(3599|36\d\d) seconds ahead/],
  ['a private key among the public', { change: key((jwk) => (jwk.d = 'AA')) }, 'jwks', /private key/],
  ['a key that is old', { change: key((jwk) => (jwk.iat = old())) }, 'key-age', /400 days ago/],
  ['keys of another kind', { change: key((jwk) => (jwk.crv = 'P-384')) }, 'jwks', /P-256/],
  ['metadata of another host', { change: only('/.access/metadata', elsewhere) }, 'metadata', /other\.example.* and not http/],
  ['a path around the gate', { around: (path) => path === '/' }, 'sign-in', /not by the gate/],
  ['scripts around the gate', { around: (path) => path.endsWith('.js') }, 'coverage', /a\.js/],
  ['an echo around the gate', { around: (path) => path === '/assets/echo' }, 'spoofed-headers', /X-Access-Email/],
  ['another server', { around: () => true }, 'health', /not by the gate/],
];

test('what goes wrong before the gate', async (t) => {
  const { front, doctor } = await startPatient(t);
  for (const [name, wrong, check, says] of faults) {
    Object.assign(front, { around: undefined, change: undefined }, wrong);
    const { code, found } = await doctor('--echo', '/assets/echo');
    assert.equal(found(check).outcome, 'bad', `${name}: ${JSON.stringify(found(check))}`);
    assert.match(found(check).says, says, name);
    assert.ok(found(check).remedy, name);
    assert.equal(code, 1, name);
  }
  Object.assign(front, { around: undefined, change: undefined });
  const open = createServer((request, response) => response.end('Payroll'));
  const { port, close } = await listen(open);
  t.after(close);
  const { found } = await doctor('--origin', `http://localhost:${port}`, '--path', '/assets/style.css');
  assert.equal(found('origin').outcome, 'bad');
  assert.match(found('origin').says, /answers 200 to a request that did not pass the gate/);
  assert.match(found('sign-in').says, /is public by the policy/);
  assert.equal(found('clock').outcome, 'good');
});

test('no keys', async (t) => {
  const { doctor } = await startPatient(t, { without: ['SIGN_KEYS'] });
  const { code, found } = await doctor();
  assert.equal(code, 1);
  assert.match(found('health').says, /binding-missing.*SIGN_KEYS/);
  assert.match(found('jwks').says, /503/);
});

const bare = (certificate) => certificate.replace(/-----[^-]*-----|\s/g, '');
const lasting = (days) =>
  generate([{ name: 'commonName', value: 'doctor' }], {
    keySize: 2048,
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 10 * day),
    notAfterDate: new Date(Date.now() + days * day),
  });

test('certificates that end', async (t) => {
  const [soon, over] = await Promise.all([lasting(10), lasting(-1)]);
  const { store, doctor } = await startPatient(t, {
    vars: { SAML_KEY: soon.private + soon.cert },
    change: (all) => {
      const idp = JSON.parse(all['idp/sample']);
      const metadata = idp.metadata.replace(/(X509Certificate>)[^<]*/, `$1${bare(over.cert)}`);
      return { ...all, 'idp/sample': JSON.stringify({ ...idp, metadata }) };
    },
  });
  const { code, found } = await doctor(...store);
  assert.equal(code, 1);
  assert.match(`${found('saml-key').outcome}: ${found('saml-key').says}`, /^bad: .* ends in (9|10) days/);
  const idp = found('identity-provider');
  assert.match(`${idp.outcome}: ${idp.says}`, /^bad: .*A signing certificate ended at/);
});
