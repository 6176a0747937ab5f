import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newKeys } from '../../demo/idp/keys.mjs';
import { people } from '../../demo/people.mjs';
import { Browser } from '../http/browser.mjs';
import { decode, encode } from '../http/forge.mjs';
import { providers } from './providers.mjs';
import { ask, startStack } from './stack.mjs';

const signatures = {
  'the assertion signed': { assertion: true, response: false },
  'the response signed': { assertion: false, response: true },
  'both signed': { assertion: true, response: true },
};
const reach = {
  alice: { '/': 200, '/HR': 200, '/HR/': 200, '/IT': 403, '/elsewhere': 403 },
  bob: { '/': 200, '/HR': 403, '/IT': 200, '/IT/': 200, '/elsewhere': 403 },
  carol: { '/': 200, '/HR': 200, '/IT': 200, '/elsewhere': 403 },
  eve: { '/': 200, '/HR': 403, '/IT': 403, '/elsewhere': 403 },
};
const pem = ({ key, cert }) => `${key.trim()}\n${cert.trim()}\n`;
const refusal = (answer) => answer.headers.get('x-access-gate');
const post = async ({ browser, fields }) => browser.post(fields);

async function signsIn(stack, posted, person = 'alice') {
  const landed = await post(posted);
  assert.equal(landed.status, 303, `${await landed.clone().text()}\n${decode(posted.fields.SAMLResponse)}`);
  const me = await posted.browser.json('/.access/whoami');
  const { email, groups } = people.find(({ id }) => id === person);
  assert.equal(me.email, email);
  assert.deepEqual(me.groups, groups);
}

for (const [provider, start] of Object.entries(providers)) {
  test(`${provider}: people and paths`, async (t) => {
    const stack = await startStack(t, start);
    for (const [name, signed] of Object.entries(signatures)) {
      await stack.idp.use(signed);
      for (const [person, paths] of Object.entries(reach)) {
        await t.test(`${name}, ${person}`, async () => {
          const posted = await ask(stack, person, '/?from=test');
          assert.equal(posted.action, `${stack.base}/.access/acs`);
          const signatures = decode(posted.fields.SAMLResponse).match(/<(\w+:)?Signature[ >]/g);
          assert.equal(signatures.length, Number(signed.assertion) + Number(signed.response));
          await signsIn(stack, posted, person);
          for (const [path, status] of Object.entries(paths)) {
            const answer = await posted.browser.go(path);
            assert.equal(answer.status, status, path);
            if (status === 403) assert.equal(refusal(answer), 'not-allowed');
          }
        });
      }
    }
  });

  test(`${provider}: attacks`, async (t) => {
    const stack = await startStack(t, start);
    for (const [name, signed] of Object.entries(signatures)) {
      await stack.idp.use(signed);
      await t.test(`${name}: the same response again`, async () => {
        const posted = await ask(stack, 'alice');
        const cookies = new Map(posted.browser.cookies);
        await signsIn(stack, posted);
        posted.browser.cookies = cookies;
        assert.equal(refusal(await post(posted)), 'replayed');
      });
      await t.test(`${name}: in another browser`, async () => {
        const { fields } = await ask(stack, 'alice');
        const { browser } = await ask(stack, 'bob');
        assert.equal(refusal(await browser.post(fields)), 'login-state-missing');
      });
      await t.test(`${name}: with another person written in`, async () => {
        const posted = await ask(stack, 'bob');
        const xml = decode(posted.fields.SAMLResponse);
        assert.match(xml, /bob@example\.com/);
        posted.fields.SAMLResponse = encode(xml.replaceAll('bob@example.com', 'alice@example.com'));
        assert.equal(refusal(await post(posted)), 'digest-wrong');
      });
      await t.test(`${name}: without its signatures`, async () => {
        const posted = await ask(stack, 'alice');
        const xml = decode(posted.fields.SAMLResponse).replace(/<(\w+:)?Signature[ >].*?<\/\1?Signature>/gs, '');
        posted.fields.SAMLResponse = encode(xml);
        assert.equal(refusal(await post(posted)), 'signature-missing');
      });
    }
  });
}

const sealing = { vars: { SAML_KEY: pem(await newKeys('gate')) } };
const cbcInside = {
  ...sealing,
  add: ['--legacy', 'cbc-signed-inside'],
  limits: { LOGIN_LIMIT: { namespace_id: '1', simple: { limit: 100, period: 60 } } },
};
const encrypted = ({ fields }) => assert.match(decode(fields.SAMLResponse), /EncryptedAssertion/);

test('SimpleSAMLphp encrypts with AES-128-CBC', async (t) => {
  await t.test('the response signed as well', async (t) => {
    const stack = await startStack(t, providers.SimpleSAMLphp, sealing);
    for (const signed of [signatures['both signed'], signatures['the response signed']]) {
      await stack.idp.use({ ...signed, encrypt: true });
      for (const person of ['alice', 'carol']) {
        const posted = await ask(stack, person);
        encrypted(posted);
        await signsIn(stack, posted, person);
      }
    }
    await stack.idp.use({ ...signatures['the assertion signed'], encrypt: true });
    assert.equal(refusal(await post(await ask(stack, 'alice'))), 'encryption-cbc-unsigned');
  });
  await t.test('signed inside only, where that is allowed', async (t) => {
    const stack = await startStack(t, providers.SimpleSAMLphp, cbcInside);
    await stack.idp.use({ ...signatures['the assertion signed'], encrypt: true });
    const posted = await ask(stack, 'alice');
    encrypted(posted);
    await signsIn(stack, posted);
  });
});

const gcm = [['http://www.w3.org/2009/xmlenc11#aes128-gcm', 'aes-128'], ['http://www.w3.org/2009/xmlenc11#aes256-gcm', 'aes-256']];
const cbc = [['http://www.w3.org/2001/04/xmlenc#aes128-cbc', 'aes-128'], ['http://www.w3.org/2001/04/xmlenc#aes256-cbc', 'aes-256']];

test('pysaml2 encrypts by xmlsec1', async (t) => {
  const stack = await startStack(t, providers.pysaml2, cbcInside);
  for (const [name, signed] of Object.entries(signatures)) {
    for (const cipher of [...gcm, ...cbc]) {
      await t.test(`${name}, ${cipher[0]}`, async () => {
        await stack.idp.use({ ...signed, encrypt: true, cipher });
        const posted = await ask(stack, 'carol');
        encrypted(posted);
        await signsIn(stack, posted, 'carol');
      });
    }
  }
  await t.test('as it comes, with Triple DES', async () => {
    await stack.idp.use({ ...signatures['both signed'], encrypt: true });
    assert.equal(refusal(await post(await ask(stack, 'alice'))), 'encryption-algorithm');
  });
});

test('pysaml2 signs with SHA-1 as it comes', async (t) => {
  await t.test('refused', async (t) => {
    const stack = await startStack(t, providers.pysaml2);
    await stack.idp.use({ ...signatures['the assertion signed'], sha1: true });
    assert.equal(refusal(await post(await ask(stack, 'alice'))), 'signature-sha1');
  });
  await t.test('let in by its switch', async (t) => {
    const stack = await startStack(t, providers.pysaml2, { add: ['--legacy', 'sha1'] });
    await stack.idp.use({ ...signatures['the assertion signed'], sha1: true });
    await signsIn(stack, await ask(stack, 'alice'));
  });
});

test('SimpleSAMLphp verifies our requests', async (t) => {
  const stack = await startStack(t, providers.SimpleSAMLphp, { ...sealing, add: ['--sign-requests'] });
  await stack.idp.use({ ...signatures['both signed'], validateRequests: true });
  await signsIn(stack, await ask(stack, 'alice'));

  const location = new URL((await new Browser(stack).go('/')).headers.get('location'));
  assert.equal(location.searchParams.get('SigAlg'), 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256');
  location.searchParams.set('RelayState', 'another');
  const page = await fetch(location);
  assert.match(await page.text(), /Unable to validate signature/);
});
