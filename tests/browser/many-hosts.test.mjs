import assert from 'node:assert/strict';
import { test } from 'node:test';
import { app, auth, document, startHosts, wiki } from '../http/hosts.mjs';
import { startChromiumOverTls } from './tls.mjs';

test('one sign-in for hosts of two domains, in Chromium over https', async (t) => {
  const stack = await startHosts(t);
  const browser = await startChromiumOverTls(t, stack);
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
    await page.goto(wiki + echo);
    assert.equal(await email(), 'alice@example.com');
    await page.goto(app + echo);
    assert.ok(page.url().startsWith(`${auth}/.access/hand-over?`), page.url());
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

test('a fragment survives the way by the auth host, the choice of a provider and the question who one is', async (t) => {
  const signIn = { auth_host: new URL(auth).hostname, idps: ['jumpcloud', 'okta'], keep_fragment: true };
  const rules = [{ path: '/assets/**', allow: 'signed-in' }];
  const stack = await startHosts(t, { change: (all) => ({ ...all, 'app/app.example.com': document(app, signIn, rules) }) });
  const browser = await startChromiumOverTls(t, stack);
  const page = await browser.newPage();
  const wanted = `${app}/assets/echo?a=b#/boards/7;x=%C3%A9`;
  await page.goto(wanted);
  await page.click('.choices a');
  await page.waitForURL(`${stack.idp.base}/sso**`);
  assert.ok(!page.url().includes('#'), 'which is the application\'s business');
  await page.click('button[value=alice]');
  await page.waitForURL(wanted);
  const left = (await browser.cookies()).filter(({ name }) => name.includes('fragment'));
  assert.deepEqual(left, []);

  await page.goto(`${app}/.access/logout`);
  await page.goto(wanted);
  await page.click('a.button');
  await page.waitForURL(wanted);
});
