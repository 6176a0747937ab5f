import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startApplication } from './application.mjs';
import { startStack } from './stack.mjs';

/** Sends bytes as they are, and gives back all that comes until the other side closes. */
function exchange(port, bytes, { more } = {}) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no end: ${Buffer.concat(chunks)}`)));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (more && Buffer.concat(chunks).includes('100 Continue')) {
        socket.write(more);
        more = undefined;
      }
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

const lines = (...all) => `${all.join('\r\n')}\r\n\r\n`;

/** What the application says that it got. */
function echoed(answer) {
  const json = answer.slice(answer.indexOf('{"method"'), answer.lastIndexOf('}') + 1);
  assert.ok(json, answer);
  return JSON.parse(json);
}

/** Of a connection and not of a request, or the name of the Worker's zone, which Cloudflare adds. */
const ofTheConnection = ['connection', 'transfer-encoding', 'te', 'trailer', 'expect', 'host', 'cf-worker'];

function comparable({ headers, trailers, httpVersion, continued, ...rest }) {
  const names = headers.map(([name, value]) => [name.toLowerCase(), value]).filter(([name]) => !ofTheConnection.includes(name));
  return { ...rest, headers: names.sort() };
}

const head = (method, path, ...more) => lines(`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...more);
const big = 'b'.repeat(14_000);

const requests = {
  ...Object.fromEntries(
    [
      ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK'],
      ...['REPORT', 'SEARCH', 'MERGE', 'MKACTIVITY', 'CHECKOUT', 'PURGE', 'NOTIFY', 'SUBSCRIBE', 'UNSUBSCRIBE', 'ACL'],
    ].map((method) => [`method ${method}`, head(method, '/open/echo', 'Content-Length: 0')]),
  ),
  'a query, byte for byte': head('GET', "/open/echo?a=%2f%2F&b=%zz&c=[x]{y}|z^`&&=?/:@!$,;*()~&f=+%20+&%00&g==h&i"),
  'an empty query': head('GET', '/open/echo?'),
  'a query of question marks': head('GET', '/open/echo???'),
  'a long query': head('GET', `/open/echo?q=${'x'.repeat(8_000)}`),
  'odd but legal header values': head('GET', '/open/echo', "X-Odd: !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", 'X-Empty:', 'X-Tab: a\tb', 'X-Many: a,,b, ,c', 'X!#$%&\'*+-.^_`|~9: name'),
  'a header in Latin-1': head('GET', '/open/echo', 'X-Latin: caf\u00e9 \u00ff'),
  'a header in UTF-8': head('GET', '/open/echo', `X-Utf8: ${Buffer.from('部 €').toString('latin1')}`),
  'cookies, odd ones too': head('GET', '/open/echo', 'Cookie: a=1; b="2"; c; =d; e=f=g; a=2; h=\u00e9'),
  'conditional and range': head('GET', '/open/echo', 'Range: bytes=0-1,5-', 'If-Range: W/"x"', 'If-None-Match: *, "a"', 'If-Modified-Since: Tue, 24 Nov 2026 00:00:00 GMT'),
  'what it takes': head('GET', '/open/echo', 'Accept: a/b;q=0.1, */*', 'Accept-Encoding: br;q=1.0, gzip;q=0.5, *;q=0', 'Accept-Language: de-CH', 'User-Agent: odd (1; 2) 3/4'),
  credentials: head('GET', '/open/echo', 'Authorization: Negotiate abc==', 'Proxy-Authorization: Basic eDp5'),
  'big headers': head('GET', '/open/echo', `X-Big-1: ${big}`, `X-Big-2: ${big}`, `X-Big-3: ${big}`),
  'many headers': head('GET', '/open/echo', ...Array.from({ length: 100 }, (_, at) => `X-Number-${at}: ${at}`)),
  'a body of a length': `${head('POST', '/open/echo', 'Content-Length: 5', 'Content-Type: a/b')}hello`,
  'a body in chunks': `${head('POST', '/open/echo', 'Transfer-Encoding: chunked')}3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`,
  'an empty body in chunks': `${head('POST', '/open/echo', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  'a GET with a body': `${head('GET', '/open/echo', 'Content-Length: 2')}hi`,
  'a DELETE with a body': `${head('DELETE', '/open/echo', 'Content-Length: 2')}hi`,
  'a compressed body': `${head('POST', '/open/echo', 'Content-Encoding: gzip', 'Content-Length: 3')}\x1f\x8b\x08`,
};

test('a request comes through as the client sent it', async (t) => {
  const app = await startApplication(t);
  const policy = { name: 'Open', hosts: ['localhost'], sign_in: { idps: ['sample'] }, rules: [{ path: '/open/**', public: true }] };
  const stack = await startStack(t, { vars: { ORIGIN_URL: app.base }, change: (all) => ({ ...all, 'app/localhost': JSON.stringify(policy) }) });

  for (const [name, bytes] of Object.entries(requests)) {
    await t.test(name, async () => {
      const [direct, through] = await Promise.all([exchange(app.port, bytes), exchange(stack.port, bytes)]);
      assert.deepEqual(comparable(echoed(through)), comparable(echoed(direct)));
    });
  }

  await t.test('a single quote in a query is percent-encoded, as browsers send it', async () => {
    assert.equal(echoed(await exchange(stack.port, head('GET', "/open/echo?e='f'"))).url, '/open/echo?e=%27f%27');
  });

  await t.test('a method that the runtime does not know: 501', async () => {
    assert.match(await exchange(stack.port, head('FROBNICATE', '/open/echo')), /^HTTP\/1\.1 501 /);
  });

  await t.test('trailers of a request stay behind', async () => {
    const body = '5\r\nhello\r\n0\r\nX-Sum: 42\r\n\r\n';
    const got = echoed(await exchange(stack.port, head('POST', '/open/echo', 'Transfer-Encoding: chunked', 'Trailer: X-Sum') + body));
    assert.deepEqual([got.body, got.trailers], ['hello', []]);
  });

  await t.test('a client of HTTP/1.0', async () => {
    const answer = await exchange(stack.port, lines('GET /open/length HTTP/1.0', 'Host: localhost'));
    assert.match(answer, /^HTTP\/1\.[01] 200 /);
    assert.ok(answer.endsWith('\r\n\r\nhello'), answer);
  });

  await t.test('100 Continue, and the body after it', async () => {
    const answer = await exchange(stack.port, head('POST', '/open/echo', 'Expect: 100-continue', 'Content-Length: 5'), { more: 'hello' });
    assert.match(answer, /^HTTP\/1\.1 100 Continue\r\n/);
    assert.equal(echoed(answer).body, 'hello');
  });
});
