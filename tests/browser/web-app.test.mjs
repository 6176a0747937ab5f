import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { listen } from '../../demo/listen.mjs';
import { startStack } from '../http/stack.mjs';
import { startChromium } from './chromium.mjs';

/** A web app that can be installed and works offline: with a manifest and a service worker. */
async function startWebApp(t) {
  const app = { version: 1, asked: [] };
  const page = (attributes) => `<!doctype html><title>App</title><link rel="manifest" href="/manifest.webmanifest" ${attributes}><h1>App</h1>`;
  const worker = () => `
    const version = ${app.version};
    addEventListener('install', (event) => {
      skipWaiting();
      event.waitUntil(caches.open('app').then((cache) => cache.add('/offline')));
    });
    addEventListener('activate', (event) => event.waitUntil(clients.claim()));
    addEventListener('message', (event) => event.source.postMessage(version));
    addEventListener('fetch', (event) => {
      const { pathname } = new URL(event.request.url);
      if (pathname === '/offline') event.respondWith(caches.match('/offline'));
      else if (!pathname.startsWith('/.access/')) event.respondWith(fetch(event.request));
    });`;
  const answers = {
    '/': ['text/html', () => page('')],
    '/asks-with-cookies': ['text/html', () => page('crossorigin="use-credentials"')],
    '/manifest.webmanifest': ['application/manifest+json', () => JSON.stringify({ name: 'App', start_url: '/', display: 'standalone' })],
    '/sw.js': ['text/javascript', worker],
    '/offline': ['text/html', () => '<!doctype html><title>Offline</title><h1>Offline</h1>'],
    '/data': ['application/json', () => '{"answer":42}'],
  };
  const server = createServer(({ url }, response) => {
    app.asked.push(url);
    const [type, body] = answers[url] ?? ['text/plain', () => 'nothing'];
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' }).end(body());
  });
  const listening = await listen(server);
  t.after(listening.close);
  return Object.assign(app, { base: `http://localhost:${listening.port}` });
}

async function start(t, rules = []) {
  const app = await startWebApp(t);
  const all = { name: 'App', hosts: ['localhost'], sign_in: { idps: ['sample'] }, rules: [{ path: '/**', allow: 'signed-in' }, ...rules] };
  const change = (documents) => ({ ...documents, 'app/localhost': JSON.stringify(all) });
  const stack = await startStack(t, { vars: { ORIGIN_URL: app.base }, change });
  const browser = await startChromium(t);
  const page = await browser.newPage();
  const signIn = async (path) => {
    await page.goto(stack.base + path);
    await page.waitForURL(`${stack.idp.base}/sso**`);
    await page.click('button[value=alice]');
    await page.waitForURL(stack.base + path);
  };
  const devtools = await browser.newCDPSession(page);
  /** The manifest as the browser reads it for an installation. */
  const manifest = async (path) => {
    await page.goto(stack.base + path);
    const { data, errors } = await devtools.send('Page.getAppManifest');
    return { data: data && JSON.parse(data), errors };
  };
  return { app, stack, browser, page, signIn, manifest };
}

const refusedAt = async ({ gate }, path) => (await gate.log.line((one) => one.event === 'refused' && one.path === path)).code;

test('a manifest is fetched without cookies, unless the page says otherwise', async (t) => {
  const { app, stack, page, signIn, manifest } = await start(t);
  await signIn('/');
  const without = await manifest('/');
  assert.equal(without.data, '');
  assert.ok(!app.asked.includes('/manifest.webmanifest'));
  assert.equal(await refusedAt(stack, '/manifest.webmanifest'), 'sign-in-needed');
  assert.equal(await page.textContent('h1'), 'App', 'the page goes on');

  const withCookies = await manifest('/asks-with-cookies');
  assert.equal(withCookies.data?.name, 'App', JSON.stringify(withCookies));
});

test('a manifest that is public is read without cookies', async (t) => {
  const { signIn, manifest } = await start(t, [{ path: '/manifest.webmanifest', public: true }]);
  await signIn('/');
  const { data, errors } = await manifest('/');
  assert.deepEqual([data?.name, errors], ['App', []]);
});

/** In the page: what the service worker says of itself. */
const version = () =>
  new Promise((resolve) => {
    navigator.serviceWorker.addEventListener('message', ({ data }) => resolve(data), { once: true });
    navigator.serviceWorker.controller.postMessage('version');
  });
const update = async () => {
  const registration = await navigator.serviceWorker.ready;
  return registration.update().then(
    () => 'updated',
    ({ name, message }) => `${name}: ${message}`,
  );
};

test('a service worker lives on after the end of the session, and is renewed after the next sign-in', async (t) => {
  const { app, stack, browser, page, signIn } = await start(t);
  await signIn('/');
  await page.evaluate(async () => {
    const claimed = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
    await navigator.serviceWorker.register('/sw.js');
    await claimed;
  });
  assert.equal(await page.evaluate(version), 1);

  // The session ends, and meanwhile there is a new version.
  await browser.clearCookies();
  app.version = 2;
  assert.match(await page.evaluate(update), /^TypeError: .*401/);
  assert.equal(await refusedAt(stack, '/sw.js'), 'sign-in-needed');
  assert.equal(await page.evaluate(version), 1, 'the old one goes on');
  const offline = await page.evaluate(() => fetch('/offline').then((answer) => answer.text()));
  assert.match(offline, /Offline/);
  const data = await page.evaluate(async () => {
    const answer = await fetch('/data');
    return { status: answer.status, redirected: answer.redirected, code: answer.headers.get('x-access-gate'), ...(await answer.json()) };
  });
  assert.deepEqual([data.status, data.redirected, data.code], [401, false, 'sign-in-needed']);
  assert.equal(data.sign_in, `${stack.base}/.access/login`);

  // A page that the service worker asks for leads to the sign-in as any other, and back.
  await signIn('/');
  assert.equal(await page.evaluate(update), 'updated');
  await page.waitForFunction(async () => {
    const asked = new Promise((resolve) => navigator.serviceWorker.addEventListener('message', ({ data }) => resolve(data), { once: true }));
    navigator.serviceWorker.controller.postMessage('version');
    return (await asked) === 2;
  });
});

test('a registration while nobody is signed in fails, and the page goes on', async (t) => {
  const { app, stack, browser, page, signIn } = await start(t);
  await signIn('/');
  await browser.clearCookies();
  const failed = await page.evaluate(() =>
    navigator.serviceWorker.register('/sw.js').then(
      () => 'registered',
      ({ name, message }) => `${name}: ${message}`,
    ),
  );
  assert.match(failed, /^TypeError: .*401/);
  assert.ok(!app.asked.includes('/sw.js'));
  assert.equal(await page.textContent('h1'), 'App');
  await signIn('/');
  assert.equal(await page.evaluate(() => navigator.serviceWorker.register('/sw.js').then(() => 'registered')), 'registered');
  assert.ok(stack.base);
});
