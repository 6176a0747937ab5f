import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newKeys } from '../../demo/idp/keys.mjs';
import { logoutRequest, signedQuery, withLogout } from './logout.mjs';
import { Person, app, auth, startHosts, wiki } from './hosts.mjs';

const echo = '/assets/echo';
const status = async (person, origin) => (await person.go(origin + echo)).status;

test('signing out, of one application and of all', async (t) => {
  const stack = await startHosts(t);

  await t.test('of one: the others go on, and nobody is signed in again without being asked', async () => {
    const alice = new Person(stack);
    await alice.open(app + echo);
    await alice.open(wiki + echo);
    const copy = new Map(alice.cookies(app));
    const out = await alice.go(`${app}/.access/logout`);
    assert.equal(out.status, 200);
    const text = await out.text();
    assert.match(text, /still signed in at <bdi>auth\.example\.com/);
    assert.ok(text.includes(`href="${auth}/.access/logout"`), text);
    assert.equal((await alice.go(app + echo, { cookies: copy })).status, 302, 'a copy of the cookie');
    assert.equal(await status(alice, wiki), 200);
    const { url, answer } = await alice.follow(app + echo);
    assert.ok(url.startsWith(`${auth}/.access/hand-over?`), url);
    const page = await answer.text();
    assert.match(page, /Continue as <bdi>alice@example\.com/);
    const [same] = [...page.matchAll(/href="([^"]*hand-over[^"]*)"/g)].map(([, href]) => href.replaceAll('&#38;', '&'));
    assert.equal((await alice.follow(new URL(same, auth).href)).url, app + echo);
    assert.equal(alice.asked, 1);
  });

  await t.test('of all: each application notices at its next request', async () => {
    const alice = new Person(stack);
    const phone = new Person(stack);
    for (const person of [alice, phone]) for (const origin of [app, wiki]) await person.open(origin + echo);
    assert.equal((await alice.go(`${auth}/.access/logout`)).status, 200);
    for (const origin of [app, wiki]) {
      assert.equal(await status(alice, origin), 302, origin);
      assert.ok((await alice.follow(origin + echo)).url.startsWith(stack.idp.base), origin);
      assert.equal(await status(phone, origin), 200, 'another browser of hers');
    }
  });
});

test('the identity provider signs out at the auth host, and every application hears of it', async (t) => {
  const sp = await newKeys();
  const vars = { SAML_KEY: `${sp.key}\n${sp.cert}` };
  const stack = await startHosts(t, { vars, change: withLogout('HTTP-Redirect') });
  const alice = new Person(stack);
  const bob = new Person(stack);
  for (const origin of [app, wiki]) {
    await alice.open(origin + echo, 'alice');
    await bob.open(origin + echo, 'bob');
  }
  const query = signedQuery(logoutRequest({ base: auth, idp: stack.idp }), stack.idp.keys);
  const refused = await new Person(stack).go(`${app}/.access/slo?${query}`);
  assert.equal(refused.status, 404);
  assert.equal(await status(alice, app), 200);
  const answer = await new Person(stack).go(`${auth}/.access/slo?${query}`);
  assert.equal(answer.status, 303, await answer.clone().text());
  for (const origin of [app, wiki]) {
    assert.equal(await status(alice, origin), 302, origin);
    assert.equal(await status(bob, origin), 200, origin);
  }
  // And the other way: from the auth host on to the identity provider.
  const out = await bob.go(`${auth}/.access/logout`);
  assert.equal(out.status, 302);
  assert.ok(out.headers.get('location').startsWith('http://localhost:1/slo?SAMLRequest='));
});
