import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { listen } from '../../demo/listen.mjs';
import { Browser, header } from './browser.mjs';
import { startStack } from './stack.mjs';

const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** An application that says over a WebSocket who asks, and sends back every short text it gets. */
async function startSocketApp(t) {
  const server = createServer((_, response) => response.end('no socket'));
  const sockets = new Set();
  server.on('upgrade', (request, socket) => {
    sockets.add(socket);
    const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + magic).digest('base64');
    const answer = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];
    socket.write(`${answer.join('\r\n')}\r\n\r\n`);
    const frame = (text) => Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]);
    socket.write(frame(request.headers['x-access-email'] ?? 'nobody'));
    socket.on('data', (data) => {
      if ((data[0] & 0x0f) !== 1) return socket.end();
      const mask = data.subarray(2, 6);
      const text = data.subarray(6, 6 + (data[1] & 0x7f)).map((byte, at) => byte ^ mask[at % 4]);
      socket.write(frame(Buffer.from(text).toString()));
    });
    socket.on('error', () => {});
  });
  const app = await listen(server);
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    return app.close();
  });
  return `http://127.0.0.1:${app.port}`;
}

/** Asks for an upgrade and returns the head of the answer and a reader of texts. */
function upgrade(t, port, path, headers) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    t.after(() => socket.destroy());
    const lines = [`GET ${path} HTTP/1.1`, `Host: localhost:${port}`, 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...headers];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    let got = Buffer.alloc(0);
    const waiting = [];
    const look = () => {
      while (waiting.length > 0) {
        const found = waiting[0].take();
        if (found === undefined) return;
        waiting.shift().resolve(found);
      }
    };
    const read = (take) => new Promise((done) => (waiting.push({ take, resolve: done }), look()));
    socket.on('data', (data) => {
      got = Buffer.concat([got, data]);
      look();
    });
    socket.on('error', reject);
    const head = () => {
      const end = got.indexOf('\r\n\r\n');
      if (end < 0) return undefined;
      const text = got.subarray(0, end).toString();
      got = got.subarray(end + 4);
      return text;
    };
    const text = () => {
      if (got.length < 2 || got.length < 2 + got[1]) return undefined;
      const found = got.subarray(2, 2 + got[1]).toString();
      got = got.subarray(2 + got[1]);
      return found;
    };
    const send = (words) => {
      const mask = Buffer.from([1, 2, 3, 4]);
      const body = Buffer.from(words).map((byte, at) => byte ^ mask[at % 4]);
      socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | body.length]), mask, body]));
    };
    read(head).then((first) => resolve({ first, send, text: () => read(text) }));
  });
}

test('a WebSocket goes through the gate for whoever may, and for nobody else', async (t) => {
  const origin = await startSocketApp(t);
  const stack = await startStack(t, {
    vars: { ORIGIN_URL: origin },
    change: (documents) => {
      const policy = JSON.parse(documents['app/localhost']);
      policy.sign_in.idle = '8s';
      return { ...documents, 'app/localhost': JSON.stringify(policy) };
    },
  });
  const alice = new Browser(stack);
  await alice.signIn('alice');
  const cookie = `Cookie: ${header(alice.cookies)}`;

  const refused = await upgrade(t, stack.port, '/HR/socket', []);
  assert.match(refused.first, /^HTTP\/1.1 401 [^]*x-access-gate: sign-in-needed/i);
  const denied = await upgrade(t, stack.port, '/IT/socket', [cookie]);
  assert.match(denied.first, /^HTTP\/1.1 403 /);

  // Also where the session's cookie would be sealed anew.
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  const open = await upgrade(t, stack.port, '/HR/socket', [cookie]);
  assert.match(open.first, /^HTTP\/1.1 101 /);
  assert.equal(await open.text(), 'alice@example.com');
  open.send('hello');
  assert.equal(await open.text(), 'hello');
});
