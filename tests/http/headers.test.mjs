import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser, header } from './browser.mjs';
import { raw } from './raw.mjs';
import { startStack } from './stack.mjs';

const spellings = [
  'X-Access-Email', 'x-access-email', 'X-ACCESS-GROUPS', 'x_access_email', 'X-Access_Groups', 'X_ACCESS_SUBJECT',
  'X-Access-Jwt', 'x-access-anything', 'Cf-Access-Authenticated-User-Email', 'Cf-Access-Jwt-Assertion',
  'X-Auth-Request-User', 'X-Auth-Request-Email', 'X-Forwarded-User', 'X-Forwarded-Email', 'X-Forwarded-Groups',
  'Remote-User', 'REMOTE_USER', 'Remote-Groups',
];

test('headers to the application', async (t) => {
  const stack = await startStack(t);
  const browser = new Browser(stack);
  await browser.signIn('carol');

  /** Sends headers as they are, and returns what the application got. */
  async function seen(path, headers, cookies = browser.cookies) {
    const all = [...headers, ['Accept', 'application/json'], ...(cookies.size ? [['Cookie', header(cookies)]] : [])];
    const answer = await raw(stack.port, path, { headers: all });
    assert.equal(answer.status, 200, answer.body);
    return JSON.parse(answer.body).headers;
  }
  const spoofed = spellings.map((name) => [name, 'mallory@evil.example']);

  for (const [name, value] of spoofed) {
    await t.test(`${name} from outside is withheld`, async () => {
      for (const path of ['/HR/echo', '/assets/echo']) {
        const got = await seen(path, [[name, value]]);
        assert.deepEqual(got.filter(([, text]) => text.includes('mallory')), [], path);
      }
    });
  }

  await t.test('all of them at once, and twice', async () => {
    const got = await seen('/HR/echo', [...spoofed, ...spoofed]);
    assert.deepEqual(got.filter(([, text]) => text.includes('mallory')), []);
    for (const name of ['x-access-email', 'x-access-groups', 'x-access-subject', 'x-access-jwt']) {
      assert.equal(got.filter(([known]) => known === name).length, 1, name);
    }
  });

  await t.test('Connection can take no identity away', async () => {
    for (const nominated of ['X-Access-Email', 'x-access-groups, X-Access-Jwt, close', 'cookie, x-access-subject']) {
      const got = new Map(await seen('/HR/echo', [['Connection', nominated]]));
      assert.equal(got.get('x-access-email'), 'carol@example.com');
      assert.equal(got.get('x-access-groups'), 'HR,IT');
      assert.ok(got.get('x-access-jwt'));
    }
  });

  await t.test('the gate\'s cookies are withheld, others pass', async () => {
    const cookies = new Map([['theme', 'dark'], ...browser.cookies, ['__Host-access-login-x', 'y'], ['other', 'a=b']]);
    const got = new Map(await seen('/HR/echo', [], cookies));
    assert.equal(got.get('cookie'), 'theme=dark; other=a=b');
    assert.equal(new Map(await seen('/HR/echo', [])).get('cookie'), undefined);
    assert.equal(new Map(await seen('/assets/echo', [], cookies)).get('cookie'), 'theme=dark; other=a=b');
  });

  await t.test('what the application needs passes', async () => {
    const got = new Map(await seen('/HR/echo', [['X-Requested-With', 'fetch'], ['Authorization', 'Bearer x'], ['Accept-Language', 'fr']]));
    assert.equal(got.get('x-requested-with'), 'fetch');
    assert.equal(got.get('authorization'), 'Bearer x');
    assert.equal(got.get('accept-language'), 'fr');
  });

  await t.test('a session that is broken in any way is no session', async () => {
    const session = browser.cookies.get('__Host-access');
    const broken = {
      'a letter changed': session.slice(0, -10) + (session.at(-10) === 'A' ? 'B' : 'A') + session.slice(-9),
      'cut off': session.slice(0, session.length / 2),
      empty: '',
      'nonsense': 'x'.repeat(4000),
      'quoted': `"${session}"`,
      'another kind of text': '%00%ff;',
    };
    for (const [name, value] of Object.entries(broken)) {
      const answer = await new Browser(stack).go('/HR', { cookies: new Map([['__Host-access', value]]) });
      assert.equal(answer.status, 302, name);
    }
    const doubled = `__Host-access=${session}; __Host-access=${session}x`;
    const answer = await raw(stack.port, '/HR', { headers: [['Cookie', doubled], ['Accept', 'text/html']] });
    assert.equal(answer.status, 302);
  });

  await t.test('a login state is no session', async () => {
    const other = new Browser(stack);
    await other.begin('/HR');
    const [[, state]] = other.cookies;
    for (const value of [state, `1.${state}`]) {
      const answer = await other.go('/HR', { cookies: new Map([['__Host-access', value]]) });
      assert.equal(answer.status, 302);
    }
  });
});

test('headers that other gates call the same', async (t) => {
  const stack = await startStack(t, {
    change: (documents) => {
      const policy = { ...JSON.parse(documents['app/localhost']), headers: ['authelia', { 'X-User-Mail': 'email' }] };
      return { ...documents, 'app/localhost': JSON.stringify(policy) };
    },
  });
  const browser = new Browser(stack);
  await browser.signIn('carol');
  const spoofed = [['Remote-User', 'mallory'], ['X_User_Mail', 'mallory'], ['x-user-mail', 'mallory']];
  const seen = async (path) => {
    const headers = [...spoofed, ['Accept', 'application/json'], ['Cookie', header(browser.cookies)]];
    return JSON.parse((await raw(stack.port, path, { headers })).body).headers;
  };
  const told = Object.fromEntries(await seen('/HR/echo'));
  assert.deepEqual(
    [told['remote-email'], told['remote-groups'], told['x-user-mail']],
    ['carol@example.com', 'HR,IT', 'carol@example.com'],
  );
  assert.equal(told['remote-user'], told['x-access-subject']);
  for (const path of ['/HR/echo', '/assets/echo']) {
    assert.deepEqual((await seen(path)).filter(([, value]) => value.includes('mallory')), [], path);
  }
});
