import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../tools/lib/paths.mjs';
import { Browser } from './browser.mjs';
import { startStack } from './stack.mjs';

const strict = {
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};

/** What holds of every answer that the gate gives itself. */
function checkHeaders(name, answer, kept) {
  const { headers } = answer;
  assert.ok(headers.get('x-access-gate'), `${name}: X-Access-Gate`);
  for (const [header, value] of Object.entries(strict)) assert.equal(headers.get(header), value, `${name}: ${header}`);
  assert.match(headers.get('permissions-policy'), /camera=\(\).*geolocation=\(\)/, name);
  const policy = new Map(headers.get('content-security-policy').split('; ').map((one) => [one.split(' ')[0], one.split(' ').slice(1).join(' ')]));
  assert.equal(policy.get('default-src'), "'none'", name);
  assert.equal(policy.get('base-uri'), "'none'", name);
  assert.match(policy.get('frame-ancestors'), /^'(none|self)'$/, name);
  assert.equal(policy.get('img-src'), 'data:', name);
  policy.delete('img-src');
  assert.doesNotMatch([...policy.values()].join(' '), /unsafe|\*|data:|https?:/, name);
  assert.equal(headers.get('cache-control'), kept ? 'public, max-age=300' : 'no-store', name);
  return policy;
}

/** A page holds nothing that the policy would have to let run. */
function checkPage(name, answer, policy, text) {
  assert.doesNotMatch(text, /<script(?![^>]*\bsrc=")|<style|\bstyle=|\bon\w+=|javascript:/i, name);
  const leaves = text.includes('<script');
  assert.equal(policy.get('script-src'), leaves ? "'self'" : undefined, name);
  assert.equal(policy.get('form-action'), leaves ? undefined : "'self'", name);
  assert.equal(answer.headers.get('cross-origin-opener-policy'), leaves ? null : 'same-origin', name);
}

for (const postOnly of [false, true]) {
  test(`every answer of the gate's own is closed to others, AuthnRequest by ${postOnly ? 'POST' : 'Redirect'}`, async (t) => {
    const stack = await startStack(t, { postOnly });
    const nobody = () => new Browser(stack);
    const alice = nobody();
    const landed = await alice.signIn('alice');
    const kept = ['/.access/metadata', '/.access/jwks.json', '/.access/look.css', '/.access/style.css', '/.access/submit.js'];
    const paths = [
      ...kept,
      ...['health', 'login', 'login?to=/HR', 'whoami', 'signed-in', 'slo', 'acs', 'apps', 'explain', 'hand-over', 'cli', 'token', '', 'nothing'].map((page) => `/.access/${page}`),
      ...['/', '/HR', '/IT', '/elsewhere', '/HR%2f', '/HR/%00'],
      '/.access/logout',
    ];
    const answers = [['303 of the ACS', landed, false]];
    for (const path of paths) {
      for (const [who, how] of [
        ['nobody, a page', () => nobody().go(path)],
        ['nobody, a script', () => nobody().call(path)],
        ['nobody, a form', () => nobody().go(path, { method: 'POST', body: new URLSearchParams({ SAMLResponse: 'AAAA' }) })],
        ['alice, a script', () => alice.call(path)],
        ['alice, a page', () => alice.go(path)],
        ['an old browser, OPTIONS', () => nobody().go(path, { method: 'OPTIONS' })],
      ]) {
        const answer = await how();
        const own = answer.headers.get('x-access-gate');
        const theirs = ['/', '/HR'].includes(path) && who.startsWith('alice');
        assert.equal(own === null, theirs, `${path}, ${who}: ${answer.status}`);
        if (own) answers.push([`${path}, ${who}`, answer, kept.includes(path) && answer.status === 200]);
      }
    }
    const statuses = new Set();
    const types = new Set();
    for (const [name, answer, isKept] of answers) {
      const policy = checkHeaders(name, answer, isKept);
      statuses.add(answer.status);
      const type = answer.headers.get('content-type').split(';')[0];
      types.add(type);
      const text = await answer.text();
      if (type === 'text/html') checkPage(name, answer, policy, text);
      if (answer.status === 302 || answer.status === 303) assert.equal(answer.headers.get('cross-origin-opener-policy'), null, name);
    }
    for (const status of [200, 303, 400, 401, 403, 404]) assert.ok(statuses.has(status), `no answer of ${status}`);
    assert.equal(statuses.has(302), !postOnly);
    for (const type of ['text/html', 'application/json', 'application/problem+json', 'text/css', 'text/javascript']) assert.ok(types.has(type), type);

    await t.test('and no page was forgotten', async () => {
      const source = await Promise.all(['src/gate/ours.rs', 'src/edge/mod.rs'].map((file) => readFile(join(root, file), 'utf8')));
      const pages = source.join('\n').matchAll(/\("(?:GET|POST)", "([^"]+)"\)|"\/\.access\/([\w.]+)"/g);
      for (const [, page, file] of pages) {
        const path = `/.access/${page ?? file}`;
        assert.ok(paths.includes(path), `${path} is not in this table`);
      }
    });
  });
}
