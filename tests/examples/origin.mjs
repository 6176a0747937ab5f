import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import { answering, freePort, startGroup } from '../../tools/lib/servers.mjs';
import { newKeys } from '../../tools/lib/vestibule.mjs';
import { Browser } from '../http/browser.mjs';
import { startStack } from '../http/stack.mjs';

/**
 * Puts an application of examples/ behind the gate, and shows that it answers people who come through
 * the gate and nobody else.
 *
 * `commandOf({ port, gate })` is what starts it. `callerOf(answer)` reads from an answer of `/HR` who
 * the application takes the person for.
 */
export async function standsBehindTheGate(t, commandOf, callerOf = async (answer) => (await answer.json()).email) {
  const port = await freePort();
  const app = `http://127.0.0.1:${port}`;
  const keys = await newKeys();
  const stack = await startStack(t, { vars: { ...keys, ORIGIN_URL: `http://localhost:${port}` } });
  await start(t, await commandOf({ port, gate: stack.base }), app);

  await t.test('people reach what the policy gives them', async () => {
    for (const [person, status] of Object.entries({ alice: 200, bob: 403, carol: 200 })) {
      const browser = new Browser(stack);
      await browser.signIn(person, '/');
      const answer = await browser.go('/HR');
      assert.equal(answer.status, status, person);
      assert.equal(answer.headers.get('x-access-gate'), status === 200 ? null : 'not-allowed');
      if (status === 200) assert.equal(await callerOf(answer), `${person}@example.com`);
    }
  });

  await t.test('public files need no assertion', async () => {
    assert.equal((await fetch(`${stack.base}/assets/style.css`)).status, 200);
  });

  await t.test('what comes around the gate is refused', async () => {
    const jwk = JSON.parse(keys.SIGN_KEYS).keys[0];
    const other = { ...(await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)), kid: jwk.kid };
    const good = { iss: stack.base, aud: stack.base, sub: 'mallory', email: 'mallory@example.com', groups: ['HR'] };
    const signed = async ({ key = jwk, claims = good, ends = '5m', kid = key.kid }) => {
      const token = new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid }).setIssuedAt();
      if (ends) token.setExpirationTime(ends);
      return token.sign(await importJWK(key, 'ES256'));
    };
    const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${encoded({ alg: 'none', kid: jwk.kid })}.${encoded({ ...good, exp: 4e9 })}.`;
    const hmac = `${encoded({ alg: 'HS256', kid: jwk.kid })}.${encoded({ ...good, exp: 4e9 })}`;
    const ask = (token) => fetch(`${app}/HR`, { headers: token === undefined ? {} : { 'x-access-jwt': token } });

    // It is what is wrong with the others that has them refused.
    assert.equal((await ask(await signed({}))).status, 200);
    const bad = {
      none: undefined,
      empty: '',
      'no JWT': 'mallory',
      unsigned,
      'signed with the public key': `${hmac}.${createHmac('sha256', jwk.x).update(hmac).digest('base64url')}`,
      'of another key': await signed({ key: other }),
      'of a key that nobody knows': await signed({ key: other, kid: 'unknown' }),
      expired: await signed({ ends: new Date(Date.now() - 600_000) }),
      'that never ends': await signed({ ends: null }),
      'for another application': await signed({ claims: { ...good, aud: 'https://other.example.com' } }),
      'of another gate': await signed({ claims: { ...good, iss: 'https://other.example.com' } }),
      'for nobody': await signed({ claims: { ...good, aud: undefined } }),
      tampered: (await signed({})).replace(/\.[^.]+\./, `.${encoded({ ...good, exp: 4e9, sub: 'root' })}.`),
    };
    for (const [name, token] of Object.entries(bad)) {
      const answer = await ask(token);
      assert.equal(answer.status, 403, `${name}: ${await answer.text()}`);
    }
    // Plain headers prove nothing.
    const plain = { 'x-access-email': 'alice@example.com', 'x-access-groups': 'HR' };
    assert.equal((await fetch(`${app}/HR`, { headers: plain })).status, 403);
  });
}

/** Starts a command, and waits until `url` answers. */
export async function start(t, { command, args, cwd, env }, url) {
  const server = startGroup(command, args, { cwd, env: { ...process.env, ...env } });
  t.after(() => server.stop());
  await answering(url, server);
}
