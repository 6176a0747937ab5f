import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Browser } from './browser.mjs';
import { raw } from './raw.mjs';
import { startStack } from './stack.mjs';

/**
 * What a client may choose, and other gates have believed. `CF-Connecting-IP` is left out: Cloudflare
 * sets it, and only here, where nothing stands in front of the Worker, could a client.
 */
const tempting = {
  ...{ 'x-forwarded-host': 'open.example.com', 'x-host': 'open.example.com', 'x-original-host': 'open.example.com' },
  ...{ 'x-forwarded-server': 'open.example.com', 'x-http-host-override': 'open.example.com' },
  ...{ forwarded: 'for=127.0.0.1;host=open.example.com;proto=https', 'x-forwarded-proto': 'http', 'x-forwarded-port': '1' },
  ...{ 'x-original-url': '/assets/style.css', 'x-rewrite-url': '/assets/style.css', 'x-original-uri': '/assets/style.css' },
  ...{ 'x-forwarded-uri': '/assets/style.css', 'x-forwarded-path': '/assets/style.css', 'x-forwarded-prefix': '/assets' },
  ...{ 'x-envoy-original-path': '/assets/style.css', 'x-accel-redirect': '/assets/style.css' },
  ...{ 'x-http-method': 'OPTIONS', 'x-http-method-override': 'OPTIONS', 'x-method-override': 'HEAD', 'x-forwarded-method': 'OPTIONS' },
  ...{ 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1', 'x-client-ip': '127.0.0.1', 'client-ip': '127.0.0.1' },
  ...{ 'x-originating-ip': '127.0.0.1', 'x-remote-ip': '127.0.0.1', 'x-remote-addr': '127.0.0.1', 'x-cluster-client-ip': '::1' },
  ...{ 'true-client-ip': '127.0.0.1', 'cf-ipcountry': 'DE', 'cf-ray': 'x', 'cf-visitor': '{"scheme":"https"}', 'cf-worker': 'x' },
  ...{ 'x-access-email': 'carol@example.com', 'x-access-groups': 'HR,IT', 'x-access-subject': 'carol@example.com', 'x_access_groups': 'HR' },
  ...{ 'x-access-jwt': 'a.b.c', 'cf-access-jwt-assertion': 'a.b.c', 'cf-access-authenticated-user-email': 'carol@example.com' },
  ...{ 'x-forwarded-user': 'carol', 'x-forwarded-groups': 'HR', 'x-auth-request-user': 'carol', 'x-auth-request-groups': 'HR' },
  ...{ 'remote-user': 'carol', 'remote-groups': 'HR', remote_user: 'carol', 'x-remote-user': 'carol', 'x-webauth-user': 'carol' },
  ...{ authorization: 'Bearer admin', 'proxy-authorization': 'Basic YTpi', 'user-agent': 'kube-probe/1.0', referer: 'http://localhost/HR' },
  ...{ 'x-authorized': 'true', 'x-auth-token': 'admin', 'x-api-key': 'admin', 'x-health-check': '1', 'x-internal': '1' },
  ...{ connection: 'cookie, x-access-groups', via: '1.1 gate', 'x-amzn-trace-id': 'x', 'x-middleware-subrequest': 'middleware', host2: 'open.example.com' },
};

const paths = ['/', '/HR', '/IT', '/nowhere', '/assets/style.css', '/.access/whoami'];

test('no header that a client chooses changes a decision', async (t) => {
  const stack = await startStack(t, { change: withOpenHost });
  const people = { nobody: new Browser(stack), alice: new Browser(stack), bob: new Browser(stack) };
  await people.alice.signIn('alice');
  await people.bob.signIn('bob');
  for (const [name, browser] of Object.entries(people)) {
    const answers = async (headers) => {
      const of = async (path) => {
        const { status, headers: all } = await browser.go(path, { headers });
        return [path, status, all.get('x-access-gate')];
      };
      // One after the other: a sign-in that begins sets a cookie.
      const found = [];
      for (const path of paths) found.push(await of(path));
      return found;
    };
    const plain = await answers({});
    assert.ok(plain.some(([, status]) => status === 200), 'something is open');
    assert.ok(plain.some(([, status]) => status !== 200), 'something is not');
    for (const [header, value] of Object.entries(tempting)) {
      assert.deepEqual(await answers({ [header]: value }), plain, `${name}: ${header}: ${value}`);
    }
    const { connection, ...all } = tempting;
    assert.deepEqual(await answers(all), plain, `${name}: all of them`);
  }
});

/** A host beside `localhost` on which everything is public. */
const withOpenHost = (documents) => ({
  ...documents,
  'app/open.example.com': JSON.stringify({
    name: 'Open',
    hosts: ['open.example.com'],
    sign_in: { idps: ['sample'] },
    rules: [{ path: '/**', public: true }],
  }),
});

/** Request line and headers as they are sent: a host that is open, put where `localhost` is meant. */
const hostTricks = (port) => [
  [`GET /HR HTTP/1.1`, `Host: localhost:${port}`, 'Host: open.example.com'],
  [`GET /HR HTTP/1.1`, 'Host: open.example.com', `Host: localhost:${port}`],
  [`GET http://localhost:${port}/HR HTTP/1.1`, 'Host: open.example.com'],
  [`GET http://open.example.com@localhost:${port}/HR HTTP/1.1`, `Host: localhost:${port}`],
  [`GET /HR HTTP/1.1`, `Host: open.example.com@localhost:${port}`],
  [`GET /HR HTTP/1.1`, `Host: localhost:${port}, open.example.com`],
  [`GET /HR HTTP/1.1`, 'Host: localhost:9/open.example.com'],
  [`GET /HR HTTP/1.1`, 'Host: localhost/assets/style.css?'],
  [`GET /HR HTTP/1.1`, 'Host: localhost#open.example.com'],
  [`GET /HR HTTP/1.1`, 'Host:'],
  [`GET /HR HTTP/1.1`, 'Host: LOCALHOST.'],
  [`GET /HR HTTP/1.0`],
  [`GET /HR HTTP/1.0`, 'Host: localhost'],
  [`GET /HR HTTP/1.1`, `Host: localhost:${port}`, ' Host: open.example.com'],
  [`GET /HR HTTP/1.1`, `Host: localhost:${port}`, 'Host : open.example.com'],
  [`get /HR HTTP/1.1`, `Host: localhost:${port}`],
  [`TRACE /HR HTTP/1.1`, `Host: localhost:${port}`],
  [`OPTIONS * HTTP/1.1`, `Host: localhost:${port}`],
  [`QUERY /HR HTTP/1.1`, `Host: localhost:${port}`],
];

test('no way of naming the host or the method leads past the sign-in', async (t) => {
  const stack = await startStack(t, { change: withOpenHost });
  // The control: where the open host is asked for, the application answers.
  const open = await raw(stack.port, '/assets/style.css', { host: 'open.example.com' });
  assert.equal(open.status, 200);
  for (const lines of hostTricks(stack.port)) {
    await t.test(lines.join(' | '), async () => {
      const [before, logged] = [stack.app.requests.length, stack.gate.log.lines.length];
      const text = await lineByLine(stack.port, lines);
      const reached = stack.app.requests.slice(before);
      if (reached.length === 0) return;
      // Only what the gate took for the open host, or for a path that is public, may have got there.
      const { host, rule } = await stack.gate.log.line(({ event }) => event === 'allowed', logged);
      if (host === 'open.example.com') return;
      assert.equal(rule, '/assets/**', text);
      for (const url of reached) assert.match(url, /^\/assets\//);
    });
  }
});

/** Sends lines exactly as they are, and gives what comes back until the server ends or is silent. */
function lineByLine(port, lines) {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`${[...lines, 'Accept: text/html', 'Connection: close'].join('\r\n')}\r\n\r\n`));
    socket.setTimeout(3000, () => socket.destroy());
    socket.on('data', (chunk) => (text += chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

test('addresses of our own follow the host that is routed, and no other', async (t) => {
  const stack = await startStack(t);
  const headers = Object.entries(tempting).filter(([, value]) => value.includes('open.example.com'));
  const bare = { headers: [...headers, ['Accept', 'text/html'], ['Sec-Fetch-Mode', 'navigate']] };
  const metadata = await raw(stack.port, '/.access/metadata', bare);
  assert.equal(metadata.status, 200);
  const login = await raw(stack.port, '/.access/login?to=/HR', bare);
  assert.equal(login.status, 302);
  const shown = metadata.body + login.headers.get('location') + JSON.stringify([...login.headers]);
  assert.ok(shown.includes(`${stack.base}/.access/acs`));
  assert.doesNotMatch(shown, /open\.example\.com/);
});
