import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.mjs';
import { startStack } from './stack.mjs';

const broken = (name, text) => ({ change: (documents) => ({ ...documents, [name]: text }) });

/** What is missing or unusable, how, and what the page and the log must name. */
const cases = [
  ['without SEAL_KEYS', { without: ['SEAL_KEYS'] }, 'binding-missing', 'SEAL_KEYS'],
  ['without SIGN_KEYS', { without: ['SIGN_KEYS'] }, 'binding-missing', 'SIGN_KEYS'],
  ['with nonsense for SEAL_KEYS', { vars: { SEAL_KEYS: '{"keys":[]}' } }, 'keys-unusable', 'SEAL_KEYS'],
  ['with nonsense for SIGN_KEYS', { vars: { SIGN_KEYS: 'x' } }, 'keys-unusable', 'SIGN_KEYS'],
  ['without LEDGER', { without: ['LEDGER'] }, 'binding-missing', 'LEDGER'],
  ['with nonsense for SAML_KEY', { vars: { SAML_KEY: 'x' } }, 'keys-unusable', 'SAML_KEY'],
  ['without CONFIG', { without: ['CONFIG'] }, 'binding-missing', 'CONFIG'],
  ['without a policy', { without: ['app/localhost'] }, 'host-unknown', 'app/localhost'],
  ['with a policy that is no JSON', broken('app/localhost', '{'), 'document-unusable', ''],
  ['with an unknown key in the policy', broken('app/localhost', '{"name":"x","hosts":["localhost"],"ruels":[]}'), 'document-unusable', 'ruels'],
  ['with a policy for another host', broken('app/localhost', '{"name":"x","hosts":["other.example"],"sign_in":{"idps":["sample"]},"rules":[{"path":"/**","public":true}]}'), 'document-unusable', 'hosts'],
  ['without the identity provider', { without: ['idp/sample'] }, 'idp-missing', 'idp/sample'],
  ['with an identity provider that is none', broken('idp/sample', '{}'), 'idp-document-unusable', 'idp/sample'],
  ['with a remote GATE_URL', { vars: { GATE_URL: 'http://gate.example' } }, 'url-refused', 'GATE_URL'],
];

for (const [name, options, code, named] of cases) {
  test(name, async (t) => {
    const stack = await startStack(t, options);
    const browser = new Browser(stack);
    for (const path of ['/', '/HR', '/assets/style.css', '/.access/login', '/.access/metadata']) {
      if (code === 'idp-missing' && path === '/.access/metadata') continue;
      const answer = await browser.go(path);
      const text = await answer.text();
      assert.equal(answer.status, 503, `${path}: ${text}`);
      assert.equal(answer.headers.get('x-access-gate'), code);
      assert.ok(text.includes(named), text);
    }
    const post = await browser.post({ SAMLResponse: 'x', RelayState: 'y' });
    assert.equal(post.status, 503);
    assert.equal((await browser.json('/HR')).code, code);
    await stack.gate.log.line((line) => line.code === code && line.detail.includes(named));
    assert.deepEqual(stack.app.requests, []);
  });
}

test('health tells what is missing', async (t) => {
  for (const name of ['SEAL_KEYS', 'CONFIG', 'LEDGER']) {
    const stack = await startStack(t, { without: [name] });
    const answer = await new Browser(stack).call('/.access/health');
    assert.equal(answer.status, 503);
    assert.ok((await answer.text()).includes(name));
  }
});

test('our metadata is there before any identity provider, which may want it first', async (t) => {
  const stack = await startStack(t, { without: ['idp/sample'] });
  const browser = new Browser(stack);
  const answer = await browser.go('/.access/metadata');
  assert.equal(answer.status, 200);
  const xml = await answer.text();
  assert.ok(xml.includes(`entityID="${stack.base}/.access/metadata"`), xml);
  assert.ok(xml.includes('AuthnRequestsSigned="false"'), xml);
  const post = await browser.go('/.access/metadata', { method: 'POST', body: 'x' });
  assert.equal(post.headers.get('x-access-gate'), 'no-such-page');
  assert.equal((await browser.go('/HR')).headers.get('x-access-gate'), 'idp-missing');
});
