import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRequest } from '../../demo/idp/samlp.mjs';
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
    const size = `size=${Buffer.from('Größe').toString('latin1')}`;
    const { headers } = await browser.json('/HR/echo', { headers: { cookie: `${size}; ${header(browser.cookies)}` } });
    assert.equal(new Map(headers).get('cookie'), size);
    // A client that sends several lines, which the standard does not let it.
    const lines = [['Cookie', 'theme=dark; a=1'], ['Cookie', header(browser.cookies)], ['Cookie', 'b=2; c=3']];
    assert.equal(new Map(await seen('/assets/echo', lines, new Map())).get('cookie'), 'theme=dark; c=3');
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

/** Group names as directories have them, and as somebody makes them up who wants to be in others. */
const odd = ['HR', 'R&D, West', 'Größe 部門', '"IT"', "O'Neil", ' IT ', 'a;b|c\\d', '<b>', '100%', '%2C', 'IT,Admins', 'x: y', '=?utf-8?q?IT?='];

test('no name of a group, a person or an attribute splits or forges a header', async (t) => {
  const ours = ['cloudflare-access', 'oauth2-proxy', 'authelia', { 'X-Team': 'attribute:team', 'X-User': 'subject', 'X-Groups': 'groups' }];
  const others = { team: ['team'], name: ['name'], preferred_username: ['login'] };
  const stack = await startStack(t, {
    sign: 'response',
    change: (documents) => {
      const policy = { ...JSON.parse(documents['app/localhost']), headers: ours, assertion: { attributes: ['team', 'name'] } };
      const idp = JSON.parse(documents['idp/sample']);
      return {
        ...documents,
        'app/localhost': JSON.stringify(policy),
        'idp/sample': JSON.stringify({ ...idp, attributes: { ...idp.attributes, others } }),
      };
    },
  });
  /** Somebody of this NameID, with these groups and attributes: what the application gets, or the refusal. */
  async function told({ nameId = 'alice@example.com', groups = odd, attributes = {} }) {
    const browser = new Browser(stack);
    const request = await browser.begin('/HR/echo');
    const { id } = await readRequest(request.SAMLRequest);
    const claims = { email: 'alice@example.com', groups, ...attributes };
    const profileMapper = () => ({
      metadata: [],
      getClaims: () => claims,
      getNameIdentifier: () => ({ nameIdentifier: nameId, nameIdentifierFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified' }),
    });
    const answer = await stack.idp.answer(id, claims, { profileMapper });
    const landed = await browser.post({ ...answer, RelayState: request.RelayState });
    if (landed.status !== 303) return landed.headers.get('x-access-gate');
    return (await browser.json('/HR/echo')).headers;
  }
  const only = (headers, name) => {
    const found = headers.filter(([known]) => known === name);
    assert.equal(found.length, 1, name);
    const [[, value]] = found;
    assert.match(value, /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/, name);
    return value;
  };
  const list = (value) => value.split(',').map(decodeURIComponent);

  await t.test('every list reads back as it was, by every header', async () => {
    const attributes = { team: ['Süd, West', 'a\u00a0b'], name: ['Zoë "Z" Ångström, Dr.'], login: ['zoë'] };
    const headers = await told({ nameId: 'Zoë; admin', attributes });
    for (const name of ['x-access-groups', 'x-auth-request-groups', 'x-forwarded-groups', 'remote-groups', 'x-groups']) {
      assert.deepEqual(list(only(headers, name)), odd, name);
    }
    assert.deepEqual(list(only(headers, 'x-team')), attributes.team);
    for (const name of ['x-access-subject', 'x-auth-request-user', 'x-forwarded-user', 'remote-user', 'x-user']) {
      assert.equal(decodeURIComponent(only(headers, name)), 'Zoë; admin', name);
    }
    assert.equal(decodeURIComponent(only(headers, 'remote-name')), attributes.name[0]);
    for (const name of ['x-auth-request-preferred-username', 'x-forwarded-preferred-username']) {
      assert.equal(decodeURIComponent(only(headers, name)), 'zoë', name);
    }
    for (const name of ['x-access-email', 'x-auth-request-email', 'x-forwarded-email', 'remote-email', 'cf-access-authenticated-user-email']) {
      assert.equal(only(headers, name), 'alice@example.com', name);
    }
    assert.equal(only(headers, 'cf-access-jwt-assertion'), only(headers, 'x-access-jwt'));
    const claims = JSON.parse(Buffer.from(only(headers, 'x-access-jwt').split('.')[1], 'base64url'));
    assert.deepEqual([claims.groups, claims.sub, claims.attributes], [odd, 'Zoë; admin', { team: attributes.team, name: attributes.name }]);
  });

  await t.test('what deceives the eye or could end a line is refused at the sign-in', async () => {
    for (const line of ['HR\u2028X-Access-Groups: Admins', 'HR\u202eX', 'HR\u200bX']) {
      assert.equal(await told({ groups: ['HR', line] }), 'text-deceives', JSON.stringify(line));
      assert.equal(await told({ nameId: line }), 'text-deceives', JSON.stringify(line));
      assert.equal(await told({ attributes: { team: [line] } }), 'text-deceives', JSON.stringify(line));
    }
  });

  await t.test('nobody passes for a service', async () => {
    assert.equal(await told({ nameId: 'service/backup' }), 'name-id-unusable');
    const headers = await told({ nameId: 'alice/service/backup' });
    assert.equal(only(headers, 'remote-user'), 'alice/service/backup');
  });
});
