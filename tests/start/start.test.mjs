import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../tools/lib/paths.mjs';
import { pause } from '../../tools/lib/servers.mjs';
import { startChromium } from '../browser/chromium.mjs';
import { documented } from '../browser/screenshots.mjs';
import { Browser } from '../http/browser.mjs';

const port = 18_700 + (process.pid % 200) * 4;

test('npm start ends at a working sign-in, and ctrl-C at nothing', { timeout: 300_000 }, async (t) => {
  await mkdir(join(root, '.local'), { recursive: true });
  const folder = await mkdtemp(join(root, '.local', 'policy-'));
  const policy = join(folder, 'policy.json');
  await copyFile(join(root, 'demo', 'policy.json'), policy);
  const child = spawn(process.execPath, [join(root, 'tools', 'start.mjs'), '--port', String(port), '--policy', policy], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => {
    rm(folder, { recursive: true });
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
  const events = await follow(`http://localhost:${port + 3}`, t);
  const browsers = {};
  for (const [person, status] of Object.entries({ alice: 200, bob: 403 })) {
    const browser = (browsers[person] = new Browser(stack));
    const landed = await browser.signIn(person, '/HR');
    assert.equal(landed.status, 303, await landed.clone().text());
    const page = await browser.go('/HR');
    assert.equal(page.status, status, await page.clone().text());
    if (status === 200) assert.match(await page.text(), /alice@example\.com/);
  }
  const direct = await fetch(`http://localhost:${port + 2}/HR`);
  assert.equal(direct.status, 403);

  await t.test('the start page shows people, policy and decisions as they happen', async () => {
    const record = ({ event, data }, wanted) => event === 'record' && Object.entries(wanted).every(([name, value]) => data[name] === value);
    await events.first((one) => record(one, { event: 'allowed', path: '/HR', person: 'alice@example.com' }));
    await events.first((one) => record(one, { event: 'refused', path: '/HR', person: 'bob@example.com' }));
    const page = await (await fetch(`http://localhost:${port + 3}/`)).text();
    if (process.env.SCREENSHOTS) {
      const browser = await (await startChromium(t)).newPage();
      await browser.goto(`http://localhost:${port + 3}/`);
      await documented(browser, 'start', { part: null, width: 1000, height: 640 });
    }
    for (const part of ['Eve Ellis', '&quot;/HR/**&quot;', 'bob@example.com', 'not-allowed']) assert.ok(page.includes(part), part);
  });

  await t.test('a changed policy is checked, published and in force, without a restart of npm start', async (t) => {
    const document = JSON.parse(await readFile(policy, 'utf8'));
    document.rules[1].allow = { group: ['HR', 'IT'] };
    for (const one of document.expect) if (one.get === '/HR' && one.as?.groups.length > 0) one.then = 'allow';
    const before = Date.now();
    await writeFile(policy, JSON.stringify(document, null, 2));
    while ((await browsers.bob.go('/HR').catch(() => null))?.status !== 200) {
      assert.ok(Date.now() - before < 60_000, 'it is not');
      await pause(100);
    }
    t.diagnostic(`after ${((Date.now() - before) / 1000).toFixed(1)} s`);
    const { data } = await events.first(({ event, data }) => event === 'policy' && data.state === 'in-force');
    assert.match(data.words, /\+ in group IT/);
    assert.ok(data.seconds > 0 && data.seconds <= (Date.now() - before) / 1000 + 1, String(data.seconds));
  });

  await t.test('a broken policy changes nothing, and the page says what is wrong', async () => {
    await writeFile(policy, (await readFile(policy, 'utf8')).replace('"public"', '"pubic"'));
    const { data } = await events.first(({ event, data }) => event === 'policy' && data.state === 'refused');
    assert.match(data.words, /policy\.json:\d+:.*pubic/);
    assert.equal((await browsers.bob.go('/HR')).status, 200);
  });

  process.kill(-child.pid, 'SIGINT');
  await ended;
  assert.equal(code, 0, output);
  for (const one of [port, port + 1, port + 2, port + 3]) assert.ok(await refuses(one), `port ${one} still answers`);
});

/** The events of the start page; `first` waits for the first that is wanted. */
async function follow(base, t) {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const { body } = await fetch(`${base}/events`, { signal: stop.signal });
  const [all, waiting] = [[], new Set()];
  (async () => {
    let rest = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split('\n\n');
      rest = parts.pop();
      for (const part of parts) {
        const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(part);
        all.push({ event, data: JSON.parse(data) });
      }
      for (const look of waiting) look();
    }
  })().catch(() => {});
  return {
    first: (wanted) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`not told:\n${all.map((one) => JSON.stringify(one)).join('\n')}`)), 60_000);
        const look = () => {
          const found = all.find(wanted);
          if (!found) return;
          clearTimeout(late);
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

const refuses = (one) =>
  new Promise((resolve) => {
    const socket = connect(one, '127.0.0.1', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', () => resolve(true));
  });
