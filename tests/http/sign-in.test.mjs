import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { Browser } from './browser.mjs';
import { startStack } from './stack.mjs';

const groupsOf = { alice: ['HR'], carol: ['HR', 'IT'], eve: [] };

for (const options of [{}, { sign: 'response' }, { sign: 'both' }, { postOnly: true }]) {
  test(`the whole way with ${JSON.stringify(options)}`, async (t) => {
    const stack = await startStack(t, options);
    for (const [person, groups] of Object.entries(groupsOf)) {
      const browser = new Browser(stack);
      const request = await browser.begin('/?a=b%20c');
      assert.equal(request.binding, options.postOnly ? 'post' : 'redirect');
      assert.ok(Buffer.byteLength(request.RelayState) <= 80);
      const landed = await browser.post(await browser.choose(person, request));
      assert.equal(landed.status, 303, await landed.clone().text());
      assert.equal(landed.headers.get('location'), '/?a=b%20c');
      const me = await browser.json('/.access/whoami');
      assert.equal(me.email, `${person}@example.com`);
      assert.deepEqual(me.groups, groups);
      // What `vestibule idp check` holds against the rules, and nothing raw.
      const told = ['attributes', 'authn_context', 'email', 'groups', 'groups_complete', 'idp', 'session_ends', 'signed_in_at', 'subject'];
      assert.deepEqual(Object.keys(me).sort(), told);
    }
  });
}

test('the gate\'s own addresses', async (t) => {
  const stack = await startStack(t);
  const { base } = stack;

  await t.test('health needs nobody', async () => {
    const answer = await new Browser(stack).call('/.access/health');
    assert.equal(answer.status, 200);
  });

  await t.test('metadata names entity ID and ACS', async () => {
    const answer = await new Browser(stack).go('/.access/metadata');
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /xml/);
    const xml = await answer.text();
    assert.ok(xml.includes(`entityID="${base}/.access/metadata"`), xml);
    assert.ok(xml.includes(`Location="${base}/.access/acs"`), xml);
  });

  await t.test('the cookies are closed to scripts and to other sites', async () => {
    const browser = new Browser(stack);
    const [state] = (await browser.go('/')).headers.getSetCookie();
    assert.match(state, /^__Host-access-login-[\w-]+=/);
    for (const word of ['Path=/', 'Secure', 'HttpOnly', 'SameSite=None']) assert.ok(state.includes(word), state);
    const landed = await browser.signIn('alice');
    const session = landed.headers.getSetCookie().find((line) => /^__Host-access=[^;]/.test(line));
    for (const word of ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Lax']) assert.ok(session.includes(word), session);
    for (const line of [state, session]) {
      assert.doesNotMatch(line, /domain=/i);
      assert.doesNotMatch(Buffer.from(line, 'base64').toString('latin1') + line, /alice/);
    }
  });

  await t.test('the login state goes away with the sign-in', async () => {
    const browser = new Browser(stack);
    await browser.signIn('alice');
    assert.deepEqual([...browser.cookies.keys()].sort(), ['__Host-access', '__Host-access-ended', '__Host-access-root']);
  });

  await t.test('the keys verify the assertion to the application', async () => {
    const browser = new Browser(stack);
    await browser.signIn('carol');
    const jwks = await browser.json('/.access/jwks.json');
    assert.ok(jwks.keys.every((key) => !('d' in key)), 'a private key is published');
    const headers = new Map((await browser.json('/IT/echo')).headers);
    const token = headers.get('x-access-jwt');
    const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), { issuer: base, audience: base });
    assert.equal(decodeProtectedHeader(token).alg, 'ES256');
    assert.ok(payload.exp - payload.iat <= 600, `lives ${payload.exp - payload.iat} s`);
    assert.equal(headers.get('x-access-email'), 'carol@example.com');
    assert.equal(headers.get('x-access-subject'), 'carol@example.com');
    assert.equal(headers.get('x-access-groups'), 'HR,IT');
    await assert.rejects(jwtVerify(token, createLocalJWKSet(jwks), { audience: 'http://other.example' }));
  });

  await t.test('login leads where it is told, on this host only', async () => {
    for (const [to, expected] of [
      ['/HR?x=1', '/HR?x=1'],
      ['https://evil.example/', '/'],
      ['//evil.example/', /^\/(?!\/)/],
      ['/\\evil.example', '/'],
      ['', '/'],
    ]) {
      const browser = new Browser(stack);
      const request = await browser.begin(`/.access/login?to=${encodeURIComponent(to)}`);
      const landed = await browser.post(await browser.choose('alice', request));
      assert.equal(landed.status, 303);
      const location = landed.headers.get('location');
      if (expected instanceof RegExp) assert.match(location, expected);
      else assert.equal(location, expected);
      assert.equal(new URL(location, base).origin, base);
    }
  });

  await t.test('after signing out nobody is signed in', async () => {
    const browser = new Browser(stack);
    await browser.signIn('alice');
    assert.equal((await browser.go('/HR')).status, 200);
    const out = await browser.go('/.access/logout');
    assert.equal(out.status, 200);
    assert.deepEqual([...browser.cookies.keys()], []);
    assert.equal((await browser.go('/HR')).status, 302);
  });

  await t.test('two sign-ins at once in one browser do not disturb each other', async () => {
    const browser = new Browser(stack);
    const [one, other] = [await browser.begin('/HR'), await browser.begin('/IT')];
    const second = await browser.post(await browser.choose('carol', other));
    assert.equal(second.headers.get('location'), '/IT');
    const first = await browser.post(await browser.choose('carol', one));
    assert.equal(first.headers.get('location'), '/HR');
  });

  await t.test('an unknown address of ours is no address of the application\'s', async () => {
    const browser = new Browser(stack);
    await browser.signIn('carol');
    const before = stack.app.requests.length;
    for (const path of ['/.access/', '/.access', '/.access/nothing', '/.access/acs', '/.access/login/x']) {
      const answer = await browser.go(path);
      assert.ok(answer.status >= 400 && answer.status < 500, `${path}: ${answer.status}`);
      assert.ok(answer.headers.get('x-access-gate'));
    }
    assert.equal(stack.app.requests.length, before);
  });
});
