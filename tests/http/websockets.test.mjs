import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { listen } from '../../demo/listen.mjs';
import { Browser, header } from './browser.mjs';
import { startStack } from './stack.mjs';

/** An application with WebSockets, and each of them as it was opened, by its path. */
async function startSocketApp(t) {
  const server = createServer((_, response) => response.writeHead(426, { upgrade: 'websocket' }).end('sockets only'));
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 << 20, handleProtocols: (wanted) => [...wanted].at(-1) });
  const opened = new Map();
  server.on('upgrade', (request, socket, head) => {
    if (request.url === '/HR/refused') return socket.end('HTTP/1.1 409 Conflict\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfull');
    sockets.handleUpgrade(request, socket, head, (open) => {
      open.on('message', (message, binary) => open.send(message, { binary }));
      opened.set(request.url, open);
    });
  });
  const app = await listen(server);
  t.after(() => {
    for (const open of opened.values()) open.terminate();
    return app.close();
  });
  return { base: `http://127.0.0.1:${app.port}`, at: (path) => opened.get(path) };
}

const closed = async (socket) => {
  const [code, reason] = await once(socket, 'close');
  return [code, String(reason)];
};

test('a WebSocket through the gate is what it would be without', async (t) => {
  const app = await startSocketApp(t);
  const stack = await startStack(t, { vars: { ORIGIN_URL: app.base } });
  const alice = new Browser(stack);
  await alice.signIn('alice', '/HR');
  const cookie = header(alice.cookies);
  const open = async (path, protocols = []) => {
    const socket = new WebSocket(`ws://localhost:${stack.port}${path}`, protocols, { headers: { cookie } });
    t.after(() => socket.terminate());
    await once(socket, 'open');
    return [socket, app.at(path)];
  };

  await t.test('the application chooses the subprotocol', async () => {
    const [socket] = await open('/HR/protocol', ['chat.v1', 'chat.v2']);
    assert.equal(socket.protocol, 'chat.v2');
  });

  for (const [name, message] of [['text', 'grüezi 部'], ['nothing', ''], ['octets', randomBytes(1_000)], ['512 KiB', randomBytes(512 << 10)]]) {
    await t.test(`messages come back as they were: ${name}`, async () => {
      const [socket] = await open(`/HR/${encodeURIComponent(name)}`);
      socket.send(message);
      const [back, binary] = await once(socket, 'message');
      assert.equal(binary, typeof message !== 'string');
      assert.ok(Buffer.from(back).equals(Buffer.from(message)));
    });
  }

  for (const [code, reason] of [[1000, 'done'], [1011, ''], [3000, 'registered'], [4001, 'of its own']]) {
    await t.test(`the close code ${code}, in both directions`, async () => {
      const [socket, far] = await open(`/HR/close-${code}`);
      const there = closed(far);
      socket.close(code, reason);
      assert.deepEqual(await there, [code, reason]);

      const [other, origin] = await open(`/HR/closed-${code}`);
      const here = closed(other);
      origin.close(code, reason);
      assert.deepEqual(await here, [code, reason]);
    });
  }

  await t.test('who is cut off is gone on the other side too', async () => {
    const [socket, far] = await open('/HR/cut');
    const there = closed(far);
    socket.terminate();
    assert.equal((await there)[0], 1006);

    const [other, origin] = await open('/HR/cut-there');
    const here = closed(other);
    origin.terminate();
    assert.equal((await here)[0], 1006);
  });

  await t.test('an application that opens none answers itself', async () => {
    const socket = new WebSocket(`ws://localhost:${stack.port}/HR/refused`, { headers: { cookie } });
    socket.on('error', () => {});
    const [, answer] = await once(socket, 'unexpected-response');
    assert.equal(answer.statusCode, 409);
    assert.equal(answer.headers['x-access-gate'], undefined);
    answer.resume();
  });

  await t.test('it outlives its session: a limit (docs/proxying.md)', async () => {
    const [socket] = await open('/HR/outlives');
    await alice.go('/.access/logout');
    socket.send('still here');
    assert.equal(String((await once(socket, 'message'))[0]), 'still here');
    const next = new WebSocket(`ws://localhost:${stack.port}/HR/next`, { headers: { cookie } });
    next.on('error', () => {});
    const [, answer] = await once(next, 'unexpected-response');
    assert.equal(answer.headers['x-access-gate'], 'sign-in-needed');
    answer.resume();
  });
});
