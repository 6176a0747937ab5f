import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../tools/lib/paths.mjs';
import { pause } from '../../tools/lib/servers.mjs';
import { Browser } from '../http/browser.mjs';

const port = 18_700 + (process.pid % 200) * 3;

test('npm start ends at a working sign-in, and ctrl-C at nothing', { timeout: 300_000 }, async (t) => {
  const child = spawn(process.execPath, [join(root, 'tools', 'start.mjs'), '--port', String(port)], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  let code;
  ended.then((value) => (code = value));
  while (!output.includes('Ctrl-C ends everything')) {
    assert.equal(code, undefined, output);
    await pause(200);
  }
  assert.ok(output.includes(`http://localhost:${port}/`));

  const stack = { base: `http://localhost:${port}`, idp: { base: `http://localhost:${port + 1}` } };
  for (const [person, status] of Object.entries({ alice: 200, bob: 403 })) {
    const browser = new Browser(stack);
    const landed = await browser.signIn(person, '/HR');
    assert.equal(landed.status, 303, await landed.clone().text());
    const page = await browser.go('/HR');
    assert.equal(page.status, status, await page.clone().text());
    if (status === 200) assert.match(await page.text(), /alice@example\.com/);
  }
  const direct = await fetch(`http://localhost:${port + 2}/HR`);
  assert.equal(direct.status, 403);

  process.kill(-child.pid, 'SIGINT');
  await ended;
  assert.equal(code, 0, output);
  for (const one of [port, port + 1, port + 2]) assert.ok(await refuses(one), `port ${one} still answers`);
});

const refuses = (one) =>
  new Promise((resolve) => {
    const socket = connect(one, '127.0.0.1', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', () => resolve(true));
  });
