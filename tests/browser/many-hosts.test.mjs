import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { createServer } from 'node:tls';
import { listen } from '../../demo/listen.mjs';
import { newKeys } from '../../demo/idp/keys.mjs';
import { app, auth, startHosts, wiki } from '../http/hosts.mjs';
import { startChromium } from './chromium.mjs';
import { overflow, picture } from './screenshots.mjs';

/** Puts TLS in front of a port, as Cloudflare does; with a certificate that nobody knows. */
async function startTls(t, port) {
  const server = createServer(await newKeys('*.example.com'), (socket) => {
    const inside = connect(port, '127.0.0.1');
    for (const end of [socket, inside]) end.on('error', () => end.destroy());
    socket.pipe(inside).pipe(socket);
  });
  const { close, port: at } = await listen(Object.assign(server, { closeAllConnections() {} }));
  t.after(close);
  return at;
}

test('one sign-in for hosts of two domains, in Chromium over https', async (t) => {
  const stack = await startHosts(t);
  const port = await startTls(t, stack.port);
  const browser = await startChromium(t, {
    args: [`--host-resolver-rules=MAP *.example.com 127.0.0.1:${port}, MAP *.example.org 127.0.0.1:${port}`],
    ignoreHTTPSErrors: true,
  });
  const page = await browser.newPage();
  let asked = 0;
  page.on('request', (request) => {
    if (request.isNavigationRequest() && request.url().startsWith(`${stack.idp.base}/sso?`)) asked += 1;
  });
  const echo = '/assets/echo?year=2026';
  const email = async () => {
    const { headers } = JSON.parse(await page.textContent('body'));
    return new Map(headers).get('x-access-email');
  };
  const signIn = async (url, person = 'alice') => {
    await page.goto(url);
    await page.waitForURL(`${stack.idp.base}/sso**`);
    await page.click(`button[value=${person}]`);
    await page.waitForURL(url);
  };

  await t.test('the first application', async () => {
    await signIn(app + echo);
    assert.equal(await email(), 'alice@example.com');
    assert.equal(asked, 1);
  });

  await t.test('another one, of another domain: no choice, and the fragment is still there', async () => {
    await page.goto(`${wiki}${echo}#chapter`);
    assert.equal(page.url(), `${wiki}${echo}#chapter`);
    assert.equal(await email(), 'alice@example.com');
    assert.equal(asked, 1);
  });

  await t.test('each host has a session of its own, which no script and no other host gets', async () => {
    const cookies = (await browser.cookies()).filter(({ name }) => name === '__Host-access');
    const hosts = [app, auth, wiki].map((origin) => new URL(origin).hostname);
    assert.deepEqual(cookies.map(({ domain }) => domain).sort(), hosts.sort());
    assert.ok(cookies.every(({ httpOnly, secure, sameSite }) => httpOnly && secure && sameSite === 'Lax'));
    assert.equal(new Set(cookies.map(({ value }) => value)).size, 3);
    assert.equal(await page.evaluate(() => document.cookie), '');
  });

  await t.test('a script of one application gets nothing from the auth host', async () => {
    await page.goto(app + echo);
    const answer = await page.evaluate(async (origin) => {
      const query = `host=app.example.com&state=${'A'.repeat(22)}&challenge=${'A'.repeat(43)}`;
      const quiet = { mode: 'no-cors', credentials: 'include' };
      return fetch(`${origin}/.access/hand-over?${query}`, quiet).then(({ type }) => type, () => 'blocked');
    }, auth);
    assert.equal(answer, 'blocked');
    const refused = await stack.gate.log.line((line) => line.event === 'refused' && line.path === '/.access/hand-over');
    assert.equal(refused.code, 'sign-in-needed');
  });

  await t.test('signed out of one application, one is asked before one is signed in again', async () => {
    await page.goto(`${app}/.access/logout`);
    assert.match(await page.textContent('main'), /still signed in at auth\.example\.com/);
    assert.ok((await overflow(page)) <= 0);
    await picture(page, 'signed-out-here');
    await page.goto(wiki + echo);
    assert.equal(await email(), 'alice@example.com');
    await page.goto(app + echo);
    assert.ok(page.url().startsWith(`${auth}/.access/hand-over?`), page.url());
    assert.ok((await overflow(page)) <= 0);
    await picture(page, 'hand-over');
    await page.click('a.button');
    await page.waitForURL(app + echo);
    assert.equal(await email(), 'alice@example.com');
    assert.equal(asked, 1);
  });

  await t.test('signed out everywhere, the identity provider is asked again', async () => {
    await page.goto(`${app}/.access/logout`);
    await page.click('a.button');
    await page.waitForURL(`${auth}/.access/logout`);
    await signIn(wiki + echo, 'bob');
    assert.equal(await email(), 'bob@example.com');
    assert.equal(asked, 2);
  });
});
