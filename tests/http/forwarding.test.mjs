import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { listen } from '../../demo/listen.mjs';
import { Browser } from './browser.mjs';
import { startStack } from './stack.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

test('through the gate and back', async (t) => {
  const stack = await startStack(t);
  const browser = new Browser(stack);
  await browser.signIn('bob');

  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
    await t.test(method, async () => {
      const body = ['GET', 'OPTIONS'].includes(method) ? undefined : randomBytes(1000);
      const got = await browser.json(`/IT/echo?m=${method}&x=a%2Fb`, { method, body });
      assert.equal(got.method, method);
      assert.equal(got.url, `/IT/echo?m=${method}&x=a%2Fb`);
      if (body) assert.equal(got.sha256, sha256(body));
    });
  }

  await t.test('HEAD', async () => {
    const answer = await browser.call('/IT/echo', { method: 'HEAD' });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('x-from-application'), 'echo');
  });

  for (const size of [0, 1, 100_000, 20_000_000]) {
    await t.test(`a body of ${size} bytes`, async () => {
      const body = randomBytes(size);
      const got = await browser.json('/IT/echo', { method: 'POST', body });
      assert.equal(got.length, size);
      assert.equal(got.sha256, sha256(body));
    });
  }

  await t.test('a body of unknown length streams', async () => {
    const pieces = [randomBytes(5000), randomBytes(70_000), randomBytes(10)];
    const body = new ReadableStream({
      async pull(controller) {
        const piece = pieces[this.at ?? 0];
        this.at = (this.at ?? 0) + 1;
        if (piece) controller.enqueue(piece);
        else controller.close();
      },
    });
    const got = await browser.json('/IT/echo', { method: 'POST', body, duplex: 'half' });
    assert.equal(got.sha256, sha256(Buffer.concat(pieces)));
  });

  for (const status of [201, 204, 304, 400, 403, 404, 418, 500, 503]) {
    await t.test(`status ${status} is the application's`, async () => {
      const answer = await browser.call(`/IT/echo?status=${status}`);
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get('x-from-application'), 'echo');
      assert.equal(answer.headers.get('x-access-gate'), null);
    });
  }

  await t.test('the answer streams', async () => {
    const answer = await browser.call('/IT/stream');
    const times = [];
    let text = '';
    for await (const chunk of answer.body) {
      times.push(Date.now());
      text += Buffer.from(chunk);
    }
    assert.equal(text, 'one\ntwo\nthree\n');
    assert.ok(times.at(-1) - times[0] >= 400, `all within ${times.at(-1) - times[0]} ms`);
  });
});

test('an application of another kind', async (t) => {
  const compressed = gzipSync('hello '.repeat(1000));
  const server = createServer((request, response) => {
    if (request.url === '/IT/redirect') response.writeHead(302, { location: '/HR', 'set-cookie': ['a=1; Path=/', 'b=2; Path=/'] }).end();
    else if (request.url === '/IT/gzip') response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' }).end(compressed);
    else if (request.url === '/IT/reset') request.socket.destroy();
    else response.writeHead(200).end('ok');
  });
  const listening = await listen(server);
  t.after(listening.close);
  const stack = await startStack(t, { vars: { ORIGIN_URL: `http://localhost:${listening.port}` } });
  const browser = new Browser(stack);
  await browser.signIn('bob');

  await t.test('its redirects and cookies reach the browser', async () => {
    const answer = await browser.go('/IT/redirect');
    assert.equal(answer.status, 302);
    assert.equal(answer.headers.get('location'), '/HR');
    assert.deepEqual(answer.headers.getSetCookie(), ['a=1; Path=/', 'b=2; Path=/']);
  });

  await t.test('what it compressed stays readable', async () => {
    const answer = await browser.go('/IT/gzip');
    assert.equal(await answer.text(), 'hello '.repeat(1000));
  });

  await t.test('where it does not answer, the gate says so', async () => {
    const answer = await browser.call('/IT/reset');
    assert.ok([502, 503].includes(answer.status));
    assert.equal(answer.headers.get('x-access-gate'), 'origin-unreachable');
  });
});
