import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { newKeys } from '../../demo/idp/keys.mjs';
import { listen } from '../../demo/listen.mjs';
import { freePort } from '../../tools/lib/servers.mjs';
import { Browser } from './browser.mjs';
import { startStack } from './stack.mjs';

const head = (...lines) => `HTTP/1.1 ${lines.join('\r\n')}\r\n\r\n`;

/** What the application does with the socket of a request, by path. */
const misbehaviour = {
  '/IT/nothing': (socket) => socket.destroy(),
  '/IT/half-a-head': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Ty'),
  '/IT/no-http': (socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'),
  '/IT/half-of-a-length': (socket) => socket.end(head('200 OK', 'Content-Length: 1000') + 'x'.repeat(500)),
  '/IT/half-of-chunks': (socket) => socket.end(head('200 OK', 'Transfer-Encoding: chunked') + '5\r\nhello\r\n'),
  '/IT/no-chunk': (socket) => socket.end(head('200 OK', 'Transfer-Encoding: chunked') + 'zz\r\nhello\r\n'),
  '/IT/half-of-a-length-and-gone': (socket) => {
    socket.write(head('200 OK', 'Content-Length: 1000') + 'x'.repeat(500));
    setTimeout(() => socket.resetAndDestroy(), 50);
  },
  '/IT/slow': (socket) => setTimeout(() => socket.end(head('200 OK', 'Content-Length: 2') + 'ok'), 2_000),
};

async function startMisbehaving(t) {
  const closed = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (data) => {
      const path = data.toString().split(' ')[1];
      socket.once('close', () => closed.push(path));
      misbehaviour[path]?.(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { base: `http://127.0.0.1:${server.address().port}`, closed };
}

/** What comes over a connection of our own until it ends: bytes, or an error, is both an end. */
async function overSocket(t, port, path, cookie) {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  const chunks = [];
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nAccept: */*\r\nCookie: ${cookie}\r\n\r\n`);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

test('an application that misbehaves', async (t) => {
  const origin = await startMisbehaving(t);
  const stack = await startStack(t, { vars: { ORIGIN_URL: origin.base } });
  const bob = new Browser(stack);
  await bob.signIn('bob');
  const cookie = [...bob.cookies].map(([name, value]) => `${name}=${value}`).join('; ');

  for (const path of ['/IT/nothing', '/IT/half-a-head', '/IT/no-http']) {
    await t.test(`${path}: 503 origin-unreachable`, async () => {
      const answer = await bob.go(path);
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get('x-access-gate'), 'origin-unreachable');
      await stack.gate.log.line((line) => line.code === 'origin-unreachable' && line.path === path);
    });
  }

  for (const path of ['/IT/half-of-a-length', '/IT/half-of-a-length-and-gone', '/IT/half-of-chunks', '/IT/no-chunk']) {
    await t.test(`${path}: broken here as it is there`, async () => {
      const got = await overSocket(t, stack.port, path, cookie);
      assert.match(got, /^HTTP\/1\.1 200 /);
      const [headers, body] = got.split('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(headers);
      if (length) assert.ok(body.length < Number(length[1]), got);
      else assert.ok(/chunked/i.test(headers) && !/(^|\r\n)0\r\n/.test(body), got);
      await assert.rejects(bob.go(path).then((answer) => answer.arrayBuffer()));
    });
  }

  await t.test('/IT/slow: the gate waits', async () => {
    const answer = await bob.go('/IT/slow');
    assert.deepEqual([answer.status, await answer.text()], [200, 'ok']);
  });

  await t.test('/IT/silent: the gate waits as long as the person does, and no longer', async () => {
    const socket = connect(stack.port, '127.0.0.1');
    socket.write(`GET /IT/silent HTTP/1.1\r\nHost: localhost:${stack.port}\r\nCookie: ${cookie}\r\n\r\n`);
    await stack.gate.log.line((line) => line.event === 'allowed' && line.path === '/IT/silent');
    assert.ok(!origin.closed.includes('/IT/silent'));
    // A socket that is only closed could still read: workerd looks at that when it writes.
    socket.resetAndDestroy();
    for (let tries = 0; !origin.closed.includes('/IT/silent'); tries += 1) {
      assert.ok(tries < 100, 'the application still waits');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
});

test('an application that refuses connections: origin-unreachable, until it is there', async (t) => {
  const port = await freePort();
  const stack = await startStack(t, { vars: { ORIGIN_URL: `http://127.0.0.1:${port}` } });
  const bob = new Browser(stack);
  await bob.signIn('bob');
  const answer = await bob.go('/IT');
  assert.deepEqual([answer.status, answer.headers.get('x-access-gate')], [503, 'origin-unreachable']);
  const { createServer: createHttpServer } = await import('node:http');
  const server = await listen(createHttpServer((_, response) => response.end('here')), port);
  t.after(server.close);
  assert.equal(await (await bob.go('/IT')).text(), 'here');
});

test('an application whose certificate nobody vouches for: origin-unreachable, and it never sees the request', async (t) => {
  const { key, cert } = await newKeys('localhost');
  const seen = [];
  const app = await listen(createTlsServer({ key, cert }, (request, response) => response.end(seen.push(request.url))));
  t.after(app.close);
  const stack = await startStack(t, { vars: { ORIGIN_URL: `https://localhost:${app.port}` } });
  const bob = new Browser(stack);
  await bob.signIn('bob');
  const answer = await bob.go('/IT');
  assert.deepEqual([answer.status, answer.headers.get('x-access-gate')], [503, 'origin-unreachable']);
  assert.deepEqual(seen, []);
});
