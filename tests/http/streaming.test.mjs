import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { listen } from '../../demo/listen.mjs';
import { memoryOf, workerd } from '../../tools/lib/workerd.mjs';
import { Browser, header } from './browser.mjs';
import { startStack } from './stack.mjs';

/** Bytes that are sent up and down while memory is looked at. */
const BYTES = Number(process.env.BYTES ?? 128 << 20);
/** What the gate may need for that, however much it is. */
const ROOM = 48 << 20;

const piece = Buffer.alloc(64 << 10, 'vestibule ');

/** Sends so many bytes, no faster than they are taken. */
async function send(stream, bytes) {
  for (let left = bytes; left > 0; left -= piece.length) {
    if (!stream.write(left < piece.length ? piece.subarray(0, left) : piece)) await once(stream, 'drain');
  }
  stream.end();
}

/** Counts what comes, and says when it is over and whether it ended well. */
function counted(stream) {
  const count = { bytes: 0 };
  stream.on('data', (chunk) => (count.bytes += chunk.length));
  count.ended = new Promise((resolve) => {
    stream.once('end', () => resolve('whole'));
    stream.once('error', () => resolve('broken'));
    stream.once('aborted', () => resolve('broken'));
  });
  return count;
}

async function start(t) {
  /** Each request to the application, by its path, as a test waits for it. */
  const arrived = new Map();
  const arrival = (path) => {
    if (!arrived.has(path)) arrived.set(path, Promise.withResolvers());
    return arrived.get(path);
  };
  const server = createServer((request, response) => arrival(request.url).resolve({ request, response }));
  const app = await listen(server);
  t.after(app.close);
  const stack = await startStack(t, { vars: { ORIGIN_URL: `http://127.0.0.1:${app.port}` } });
  const bob = new Browser(stack);
  await bob.signIn('bob');
  const headers = { host: 'localhost', cookie: header(bob.cookies) };
  const open = (path, options = {}) => httpRequest({ port: stack.port, host: '127.0.0.1', path, agent: false, ...options, headers: { ...headers, ...options.headers } });
  return { stack, open, at: (path) => arrival(path).promise };
}

test('bodies stream through the gate', async (t) => {
  const { open, at } = await start(t);

  await t.test('events arrive one by one, each before the next is sent', async () => {
    const outgoing = open('/IT/events');
    outgoing.end();
    const { response } = await at('/IT/events');
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const [incoming] = await once(outgoing, 'response');
    assert.equal(incoming.headers['content-type'], 'text/event-stream');
    for (const event of ['data: 1\n\n', 'data: 2\n\n', ': still here\n\n']) {
      response.write(event);
      const [chunk] = await once(incoming, 'data');
      assert.equal(chunk.toString(), event);
    }
    response.end();
    incoming.resume();
    await once(incoming, 'end');
  });

  await t.test('the application reads an upload while it is sent', async () => {
    const outgoing = open('/IT/upload', { method: 'POST' });
    outgoing.write('first');
    const { request, response } = await at('/IT/upload');
    assert.equal(String((await once(request, 'data'))[0]), 'first');
    outgoing.write('second');
    assert.equal(String((await once(request, 'data'))[0]), 'second');
    outgoing.end();
    await once(request.resume(), 'end');
    response.end('both');
    const [incoming] = await once(outgoing, 'response');
    assert.equal(String(await incoming.setEncoding('utf8').toArray()), 'both');
  });

  await t.test('both ways at once', async () => {
    const outgoing = open('/IT/both', { method: 'POST' });
    outgoing.write('ping');
    const { request, response } = await at('/IT/both');
    request.pipe(response);
    const [incoming] = await once(outgoing, 'response');
    assert.equal(String((await once(incoming, 'data'))[0]), 'ping');
    outgoing.write('pong');
    assert.equal(String((await once(incoming, 'data'))[0]), 'pong');
    outgoing.end();
    await once(incoming.resume(), 'end');
  });

  await t.test('who goes away while an answer comes is not sent the rest', async () => {
    const outgoing = open('/IT/away');
    outgoing.on('error', () => {});
    outgoing.end();
    const { response } = await at('/IT/away');
    response.writeHead(200).write('begun');
    const [incoming] = await once(outgoing, 'response');
    await once(incoming.on('error', () => {}), 'data');
    incoming.socket.resetAndDestroy();
    await once(response, 'close');
    assert.ok(!response.writableFinished);
  });

  await t.test('nor who only closes: it is noticed when the next piece comes', async () => {
    const outgoing = open('/IT/closed');
    outgoing.on('error', () => {});
    outgoing.end();
    const { response } = await at('/IT/closed');
    response.writeHead(200).write('begun');
    const [incoming] = await once(outgoing, 'response');
    await once(incoming.on('error', () => {}), 'data');
    outgoing.destroy();
    const writing = setInterval(() => response.write('more'), 10);
    await once(response, 'close');
    clearInterval(writing);
    assert.ok(!response.writableFinished);
  });

  for (const [name, headers] of [['of a length', { 'content-length': 1000 }], ['in chunks', {}]]) {
    await t.test(`who goes away while an upload is sent leaves no whole one, ${name}`, async () => {
      const path = `/IT/left?${encodeURIComponent(name)}`;
      const outgoing = open(path, { method: 'PUT', headers });
      outgoing.on('error', () => {});
      outgoing.write('begun');
      const { request } = await at(path);
      const count = counted(request);
      await once(request, 'data');
      outgoing.socket.resetAndDestroy();
      assert.equal(await count.ended, 'broken');
    });
  }
});

test(`${BYTES >> 20} MiB up and down take no memory`, { skip: process.platform !== 'linux', timeout: 300_000 }, async (t) => {
  const { open, at } = await start(t);
  const pid = workerd();
  const before = memoryOf(pid);
  let most = before;
  const sampling = setInterval(() => (most = Math.max(most, memoryOf(pid))), 20);

  for (const [way, headers] of [['of a length', { 'content-length': BYTES }], ['in chunks', {}]]) {
    await t.test(`up, ${way}`, async () => {
      const path = `/IT/up?${encodeURIComponent(way)}`;
      const outgoing = open(path, { method: 'PUT', headers });
      const sent = send(outgoing, BYTES);
      const { request, response } = await at(path);
      const count = counted(request);
      assert.equal(await count.ended, 'whole');
      assert.equal(count.bytes, BYTES);
      await sent;
      response.end();
      (await once(outgoing, 'response'))[0].resume();
    });
    await t.test(`down, ${way}`, async () => {
      const path = `/IT/down?${encodeURIComponent(way)}`;
      const outgoing = open(path);
      outgoing.end();
      const { response } = await at(path);
      const sent = send(response.writeHead(200, headers), BYTES);
      const [incoming] = await once(outgoing, 'response');
      const count = counted(incoming);
      assert.equal(await count.ended, 'whole');
      assert.equal(count.bytes, BYTES);
      await sent;
    });
  }
  clearInterval(sampling);
  t.diagnostic(`workerd: ${before >> 20} MiB before, ${most >> 20} at most`);
  assert.ok(most - before < ROOM, `${(most - before) >> 20} MiB more`);
});
