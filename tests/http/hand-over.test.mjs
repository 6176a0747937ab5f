import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { Person, alone, app, auth, codeOf, startHosts, wiki } from './hosts.mjs';

const echo = '/assets/echo?year=2026';

test('one sign-in for many hosts', async (t) => {
  const stack = await startHosts(t);

  await t.test('the identity provider is asked once, and each application is told who asks', async () => {
    const alice = new Person(stack);
    for (const origin of [app, wiki]) {
      const { url, answer } = await alice.open(origin + echo);
      assert.equal(url, origin + echo);
      assert.equal(answer.status, 200, await answer.clone().text());
      const headers = new Map((await answer.json()).headers);
      assert.equal(headers.get('x-access-email'), 'alice@example.com');
      assert.equal(headers.get('x-access-groups'), 'HR');
      const keys = createLocalJWKSet(await (await alice.go(`${origin}/.access/jwks.json`)).json());
      const expected = { issuer: origin, audience: origin };
      await jwtVerify(headers.get('x-access-jwt'), keys, expected);
      assert.deepEqual([...alice.cookies(origin).keys()].sort(), ['__Host-access', '__Host-access-ended']);
    }
    assert.equal(alice.asked, 1);
    const collected = await stack.gate.log.line((line) => line.event === 'collected' && line.host === 'wiki.example.org');
    assert.deepEqual([collected.person, collected.auth_host], ['alice@example.com', 'auth.example.com']);
    const given = await stack.gate.log.line((line) => line.event === 'handed-over' && line.to === 'wiki.example.org');
    assert.deepEqual([given.person, given.host], ['alice@example.com', 'auth.example.com']);
  });

  await t.test('a host without an auth host is a service provider of its own', async () => {
    const alice = new Person(stack);
    const { url } = await alice.follow(alone + echo);
    const page = await fetch(url);
    assert.equal(page.status, 400, 'the sample identity provider knows the auth host only');
    assert.equal((await alice.go(`${alone}/.access/metadata`)).status, 200);
    assert.equal((await alice.go(`${auth}/.access/metadata`)).status, 200);
    for (const [page, method] of [['metadata', 'GET'], ['slo', 'GET'], ['slo', 'POST'], ['acs', 'POST']]) {
      const answer = await alice.go(`${app}/.access/${page}`, { method });
      assert.deepEqual([answer.status, codeOf(answer)], [404, 'no-such-page'], page);
    }
  });

  await t.test('a session is worth nothing at another host', async () => {
    const alice = new Person(stack);
    await alice.open(app + echo);
    for (const [from, to] of [[app, wiki], [app, auth], [auth, app], [wiki, alone]]) {
      if (from === wiki) await alice.open(wiki + echo);
      const answer = await alice.go(`${to}/.access/whoami`, {
        cookies: alice.cookies(from),
        headers: { accept: 'application/json', 'sec-fetch-mode': 'cors' },
      });
      assert.deepEqual([answer.status, codeOf(answer)], [401, 'sign-in-needed'], `${from} ${to}`);
    }
  });

  await t.test('a code is good once, in the browser that began it, at its host', async () => {
    const alice = new Person(stack);
    await alice.open(wiki + echo);
    const mallory = new Person(stack);
    const refused = async (person, url, options) => codeOf(await person.go(url, options));

    const used = await alice.code(app + echo);
    const login = new Map(alice.cookies(app));
    // Of requests at the same time one is first.
    const answers = await Promise.all([1, 2, 3, 4].map(() => alice.go(used, { cookies: login })));
    const codes = answers.map((answer) => (answer.status === 303 ? 'in' : codeOf(answer))).sort();
    assert.deepEqual(codes, ['hand-over-used', 'hand-over-used', 'hand-over-used', 'in']);
    assert.equal((await alice.go(app + echo)).status, 200);

    alice.cookies(app).clear();
    const stolen = await alice.code(app + echo);
    assert.equal(await refused(mallory, stolen), 'login-state-missing');
    assert.equal(await refused(alice, stolen), 'hand-over-used', 'it is worth nothing any more');

    const asking = await mallory.location(app + echo);
    const lured = await alice.location(asking);
    assert.equal(await refused(alice, lured), 'login-state-missing', 'a sign-in that Mallory began');
    assert.equal(await refused(mallory, lured), 'hand-over-used');

    const theirs = new URL(await alice.code(app + echo));
    const own = new URL(await alice.code(app + echo));
    theirs.searchParams.set('state', own.searchParams.get('state'));
    assert.equal(await refused(alice, theirs.href), 'hand-over-mismatch');

    const elsewhere = new URL(await alice.code(app + echo));
    const other = new Person(stack);
    const state = new URL(await other.location(wiki + echo)).searchParams.get('state');
    elsewhere.hostname = 'wiki.example.org';
    elsewhere.searchParams.set('state', state);
    assert.equal(await refused(other, elsewhere.href), 'hand-over-unknown');
    assert.equal(other.cookies(wiki).has('__Host-access'), false);
  });

  await t.test('nothing is handed over to a host that does not name this one', async () => {
    const alice = new Person(stack);
    await alice.open(app + echo);
    alice.cookies(app).clear();
    const asking = await alice.location(app + echo);
    for (const [host, code] of [
      ['alone.example.com', 'hand-over-foreign'],
      ['auth.example.com', 'hand-over-foreign'],
      ['evil.example.net', 'hand-over-foreign'],
      ['evil.example.net/x', 'hand-over-malformed'],
      ['*.example.com', 'hand-over-malformed'],
    ]) {
      const answer = await alice.go(asking.replace('host=app.example.com', `host=${encodeURIComponent(host)}`));
      assert.deepEqual([answer.status, codeOf(answer), answer.headers.get('location')], [400, code, null], host);
    }
    const wrong = await alice.go(asking.replace(auth, alone));
    assert.equal(codeOf(wrong), 'hand-over-foreign');
  });

  await t.test('several tabs', async () => {
    const alice = new Person(stack);
    const tabs = [`${app}/assets/echo?1`, `${app}/assets/echo?2`, `${wiki}/assets/echo?3`];
    const under_way = [];
    for (const url of tabs) under_way.unshift([url, await alice.follow(url)]);
    for (const [url, { url: idp }] of under_way) assert.equal((await alice.signIn(idp, 'alice')).url, url);
  });
});
