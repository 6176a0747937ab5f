import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { people } from '../../demo/people.mjs';
import { entry, tell } from '../http/faulty.mjs';
import { alone, document, startHosts } from '../http/hosts.mjs';
import { request } from '../http/request.mjs';
import { overflow, picture } from './screenshots.mjs';
import { startChromiumOverTls } from './tls.mjs';

/** Names that can't be made shorter, of so many letters. */
const names = (count, letters) =>
  Array.from({ length: count }, (_, n) => createHash('sha512').update(`${n}`).digest('hex').slice(0, letters));

const more = [
  { id: 'most', name: 'Olga', email: 'olga@example.com', groups: ['HR', ...names(490, 74)] },
  { id: 'beyond', name: 'Otto', email: 'otto@example.com', groups: ['HR', ...names(490, 120)] },
];
people.push(...more);
after(() => people.splice(-more.length));

const isPart = ({ name }) => /^__Host-access(-\d)?$/.test(name);
const parts = async (browser) => (await browser.cookies()).filter(isPart);

const echo = `${alone}/assets/echo`;
const rules = [
  { path: '/assets/**', allow: 'signed-in' },
  { path: '/HR/**', allow: { group: 'HR' } },
];

/** The gate before one application, under an address as it would be deployed, and Chromium. */
async function start(t, more) {
  const change = (all) => ({ ...all, 'app/alone.example.com': document(alone, { idle: '10m' }, rules) });
  const stack = await startHosts(t, { change, entry });
  stack.idp.gate = alone;
  const browser = await startChromiumOverTls(t, stack, more);
  const page = await browser.newPage();
  /** Whether the page opens, and does not lead to the identity provider. */
  const opens = async () => {
    await page.goto(echo);
    return page.url() === echo;
  };
  const choose = async (person) => {
    await page.waitForURL(`${stack.idp.base}/sso**`);
    await page.click(`button[value=${person}]`);
  };
  const signIn = async (person) => {
    assert.ok(!(await opens()));
    await choose(person);
    await page.waitForURL(echo);
  };
  return { stack, browser, page, opens, choose, signIn };
}

test('Chromium keeps the largest session whole', async (t) => {
  const { stack, browser, page, opens, choose, signIn } = await start(t);
  await signIn('most');
  assert.equal((await parts(browser)).length, 8);
  assert.ok(await opens());

  await t.test('beside as many sign-ins as may be under way, and cookies of the application', async () => {
    await browser.addCookies(
      Array.from({ length: 24 }, (_, n) => ({ name: `app-${n}`, value: 'x'.repeat(100), url: alone })),
    );
    for (let n = 0; n < 8; n += 1) await page.goto(`${alone}/.access/login?to=/HR/${n}`);
    const logins = (await browser.cookies()).filter(({ name }) => name.startsWith('__Host-access-login-'));
    assert.equal(logins.length, 8);
    assert.ok(await opens());
    const whoami = await page.goto(`${alone}/.access/whoami`);
    assert.equal(whoami.status(), 200);
    assert.equal((await parts(browser)).length, 8);
  });

  await t.test('all of it is set anew when its time to idle is', async () => {
    const before = await parts(browser);
    await tell(stack.base, { faults: [], clock: { from: 0, to: 120_000, pace: 1 } });
    assert.ok(await opens());
    const now = await parts(browser);
    assert.deepEqual(now.map(({ name }) => name).sort(), before.map(({ name }) => name).sort());
    const old = new Set(before.map(({ value }) => value));
    assert.ok(now.every(({ value }) => !old.has(value)));
    assert.ok(await opens());
    await tell(stack.base, { faults: [], clock: { from: 0, to: 0, pace: 1 } });
  });

  await t.test('without one part, or with one of an older session, nobody is signed in', async () => {
    const whole = await parts(browser);
    const { name, domain } = whole.find(({ name }) => name === '__Host-access-3');
    await browser.clearCookies({ name, domain });
    assert.ok(!(await opens()));
    await choose('most');
    await page.waitForURL(echo);
    const old = whole.find((one) => one.name === name);
    await browser.addCookies([old]);
    assert.ok(!(await opens()));
  });

  await t.test('a smaller one takes the place of all', async () => {
    await signIn('most');
    await page.goto(`${alone}/.access/login?to=/assets/echo&switch=yes`);
    await choose('alice');
    await page.waitForURL(echo);
    assert.equal((await parts(browser)).length, 1);
    await page.goto(`${alone}/.access/logout`);
  });

  await t.test('signing out takes all of it', async () => {
    await signIn('most');
    assert.equal((await parts(browser)).length, 8);
    await page.goto(`${alone}/.access/logout`);
    const left = (await browser.cookies()).filter(({ name }) => name.startsWith('__Host-access'));
    assert.deepEqual(left, []);
    assert.ok(!(await opens()));
  });

  await t.test('of still more groups there are those that the policy names', async () => {
    await signIn('beyond');
    assert.equal((await parts(browser)).length, 1);
    const { headers } = JSON.parse(await page.textContent('body'));
    const told = new Map(headers);
    assert.deepEqual([told.get('x-access-groups'), told.get('x-access-groups-complete')], ['HR', 'false']);
    const line = await stack.gate.log.line((one) => one.event === 'signed-in' && one.person === 'otto@example.com');
    assert.equal(line.groups_dropped, 490);
  });
});

test('a browser that keeps no cookies is told so, and does not go round', async (t) => {
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  const { stack, browser, page, opens, choose } = await start(t, { preferences });
  assert.ok(!(await opens()));
  await choose('alice');
  await page.waitForURL(`${alone}/.access/acs`);
  assert.deepEqual(await browser.cookies(), []);
  assert.match(await page.textContent('main'), /your browser keeps no cookies.*Allow cookies for this site/s);
  const line = await stack.gate.log.line((one) => one.event === 'refused');
  assert.equal(line.code, 'login-state-missing');
});

test('a browser that loses the session after each sign-in is told so after four', async (t) => {
  const { stack, page, opens, choose } = await start(t);
  // As something between gate and browser does that takes large or unknown cookies away.
  await page.route(`${alone}/.access/acs`, async (route) => {
    const asked = route.request();
    const answer = await request(`http://127.0.0.1:${stack.port}/.access/acs`, {
      method: asked.method(),
      headers: { ...(await asked.allHeaders()), host: new URL(alone).host },
      body: asked.postData(),
    });
    const kept = answer.headers.getSetCookie().filter((line) => !line.startsWith('__Host-access='));
    const headers = { ...Object.fromEntries(answer.headers), 'set-cookie': kept.join('\n') };
    await route.fulfill({ status: answer.status, headers, body: await answer.text() });
  });
  assert.ok(!(await opens()));
  for (let round = 0; round < 4; round += 1) await choose('alice');
  await page.waitForURL(echo);
  assert.match(await page.textContent('main'), /goes round in circles.*Allow cookies for this site/s);
  assert.ok((await overflow(page)) <= 0);
  await picture(page, 'sign-in-loop');
  const line = await stack.gate.log.line((one) => one.event === 'refused');
  assert.deepEqual([line.code, line.path], ['sign-in-loop', '/assets/echo']);
});
