import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser, header } from './browser.mjs';
import { raw } from './raw.mjs';
import { startStack } from './stack.mjs';

/** Paths by which IT people might try to get at HR. Each is sent as it stands, untidied. */
const tricks = [
  '/IT/..%2fHR', '/IT/..%2FHR', '/IT%2f..%2fHR', '/IT/../HR', '/IT/./../HR', '/IT/%2e%2e/HR', '/IT/%2E%2E/HR',
  '/IT/.%2e/HR', '/IT/..;/HR', '/IT/%2e%2e;x=y/HR', '/IT/..\\HR', '/IT\\..\\HR', '/IT/..%5cHR', '/IT%5c..%5cHR',
  '//HR', '///HR', '//HR//', '/./HR', '/%48R', '/%48%52', '/H%52/payroll', '/HR%2f', '/HR%00', '/HR%00.css', '/IT/%00/../HR',
  '/IT/..%252fHR', '/%2548R', '/IT/%252e%252e/HR', '/IT/..%c0%afHR', '/IT/%c0%ae%c0%ae/HR', '/IT/..%ef%bc%8fHR',
  '/HR;x=y', '/HR;/payroll', '/IT/..%2f..%2fHR', '/assets/../HR', '/assets/..%2fHR', '/assets/%2e%2e/HR',
  '/assets/..;/HR', '/HR?/IT', '/HR#/IT', '/HR%23/IT', '/HR%3f/IT', '/HR%20', '/HR%09', '/%20HR', '/HR.', '/HR/.', '/HR/..',
  '/IT/..', '/IT//../HR', '/IT/x/../../HR', '/%E2%80%AEHR', '/HR/%', '/HR/%zz', '/HR/%u0048',
  'http://localhost/HR', 'http://evil.example/HR', '//localhost/HR', '/hr', '/Hr', '/HRX',
];

const as = (browser) => [['Accept', 'text/html'], ['Cookie', header(browser.cookies)]];

/** As the most forgiving application reads a path: decoded, with every separator and dot resolved. */
function mostForgiving(url) {
  let path = url.split('?')[0];
  for (let before = ''; before !== path; ) {
    before = path;
    try {
      path = decodeURIComponent(path);
    } catch {
      // What cannot be decoded stays.
    }
  }
  path = path.replaceAll('\\', '/').replace(/;[^/]*/g, '').replace(/\/+/g, '/');
  return new URL(path, 'http://localhost').pathname.toLowerCase();
}

async function bobTriesAll(t, stack, bob) {
  for (const path of tricks) {
    await t.test(`bob asks for ${path}`, async () => {
      const before = stack.app.requests.length;
      const answer = await raw(stack.port, path, { headers: as(bob) });
      const reached = stack.app.requests.slice(before);
      for (const url of reached) {
        assert.ok(!/^\/hr(\/|$)/.test(mostForgiving(url)), `the application got ${url}`);
      }
      assert.notEqual(answer.status, 500);
      if (answer.status >= 400 && reached.length === 0 && answer.status !== 404) {
        assert.ok([400, 403, 503].includes(answer.status), `${answer.status}`);
      }
      assert.doesNotMatch(answer.body, /Payroll, holidays/);
    });
  }
}

test('paths', async (t) => {
  const stack = await startStack(t);
  const bob = new Browser(stack);
  await bob.signIn('bob');
  await bobTriesAll(t, stack, bob);

  for (const path of tricks.filter((path) => path.startsWith('/'))) {
    await t.test(`nobody asks for ${path}`, async () => {
      const before = stack.app.requests.length;
      const answer = await raw(stack.port, path, { headers: [['Accept', 'text/html']] });
      for (const url of stack.app.requests.slice(before)) assert.match(mostForgiving(url), /^\/assets\//);
      assert.ok([302, 400, 403].includes(answer.status), `${answer.status} ${answer.body}`);
    });
  }

  const codes = {
    '/IT/..%2fHR': 'path-dot-segment',
    '/IT/a%2fHR': 'path-encoded-slash',
    '/IT/../HR': 'path-dot-segment',
    '/IT/%2e%2e/HR': 'path-dot-segment',
    '/IT/..;/HR': 'path-dot-segment',
    '/IT/..%5cHR': 'path-backslash',
    '/IT\\HR': 'path-backslash',
    '/HR%00': 'path-control',
    '/%2548R': 'path-double-encoded',
    '/HR/%zz': 'path-bad-escape',
    '/HR/%c0%af': 'path-not-utf8',
    [`/${'x'.repeat(3000)}`]: 'path-too-long',
  };
  for (const [path, code] of Object.entries(codes)) {
    await t.test(`${path.slice(0, 30)} is refused as ${code}`, async () => {
      const answer = await raw(stack.port, path, { headers: as(bob) });
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.get('x-access-gate'), code);
      assert.ok(!answer.body.includes(path));
    });
  }

  await t.test('what is one path in two spellings is decided and forwarded as one', async () => {
    for (const [path, forwarded] of [
      ['/IT/%65cho', '/IT/echo'],
      ['//IT//echo', '/IT/echo'],
      ['/%49T/echo?a=%2e%2e%2f&b=//', '/IT/echo?a=%2e%2e%2f&b=//'],
    ]) {
      const answer = await raw(stack.port, path, { headers: as(bob) });
      assert.equal(answer.status, 200, answer.body);
      assert.equal(JSON.parse(answer.body).url, forwarded);
    }
  });

  await t.test('honest paths with signs in them pass as they are', async () => {
    for (const path of ['/IT/a%20b/echo', '/IT/caf%C3%A9/echo', '/IT/a+b,c@d:e/echo', "/IT/(x)'y'!$&*=/echo", '/IT/a.b..c/echo', '/IT/~x/echo']) {
      const answer = await raw(stack.port, path, { headers: as(bob) });
      assert.equal(answer.status, 200, `${path} ${answer.body}`);
      assert.equal(decodeURIComponent(JSON.parse(answer.body).url), decodeURIComponent(path));
    }
  });
});

test('paths where encoded slashes are allowed', async (t) => {
  const stack = await startStack(t, {
    change(documents) {
      const policy = JSON.parse(documents['app/localhost']);
      policy.rules.find((rule) => rule.path === '/IT/**').allow_encoded_slash = true;
      return { ...documents, 'app/localhost': JSON.stringify(policy) };
    },
  });
  const bob = new Browser(stack);
  await bob.signIn('bob');
  await bobTriesAll(t, stack, bob);
  await t.test('one between two names arrives encoded', async () => {
    const answer = await raw(stack.port, '/IT/@a%2fb/echo', { headers: as(bob) });
    assert.equal(answer.status, 200, answer.body);
    assert.equal(JSON.parse(answer.body).url, '/IT/@a%2Fb/echo');
  });
  await t.test('what would be elsewhere as a separator is refused', async () => {
    for (const path of ['/HR%2fIT', '/IT%2fHR', '/assets%2fecho', '/.access%2flogin']) {
      const answer = await raw(stack.port, path, { headers: as(bob) });
      assert.ok([400, 404].includes(answer.status), `${path} ${answer.status}`);
    }
  });
});
