import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newKeys } from '../../demo/idp/keys.mjs';
import { personById } from '../../demo/people.mjs';
import { Browser } from './browser.mjs';
import { cbc, encryptAssertion, gcm } from './encrypt.mjs';
import { decode, encode, requestIdOf } from './forge.mjs';
import { earlyInAMinute } from './minute.mjs';
import { startStack } from './stack.mjs';

const pem = ({ key, cert }) => `${key.trim()}\n${cert.trim()}\n`;
const [ours, old] = [await newKeys('gate'), await newKeys('gate before')];
const vars = { SAML_KEY: pem(ours), SAML_KEY_OLD: pem(old) };
const limits = { LOGIN_LIMIT: { namespace_id: '1', simple: { limit: 40, period: 60 } } };

/** The switch of the sample identity provider. */
const legacy = {
  change: ({ 'idp/sample': idp, ...others }) => ({
    ...others,
    'idp/sample': JSON.stringify({ ...JSON.parse(idp), legacy: ['cbc-signed-inside'] }),
  }),
};

async function signsIn(stack, fields, browser) {
  const landed = await browser.post(fields);
  assert.equal(landed.status, 303, await landed.clone().text());
  assert.equal((await browser.json('/.access/whoami')).email, 'alice@example.com');
}

/** A sign-in of alice up to the posted form, with its response changed. */
async function posted(stack, change = (xml) => xml) {
  const browser = new Browser(stack);
  const fields = await browser.choose('alice', await browser.begin());
  return { browser, fields: { ...fields, SAMLResponse: encode(await change(decode(fields.SAMLResponse))) } };
}

test('samlp encrypts', async (t) => {
  const stack = await startStack(t, { vars });
  for (const { cert } of [ours, old]) {
    for (const data of gcm) {
      for (const sign of ['assertion', 'response', 'both']) {
        Object.assign(stack.idp.options, { sign, encrypt: { cert, data } });
        const { browser, fields } = await posted(stack);
        assert.match(decode(fields.SAMLResponse), /EncryptedAssertion/);
        assert.doesNotMatch(decode(fields.SAMLResponse), /alice/);
        await signsIn(stack, fields, browser);
      }
    }
  }
  for (const data of cbc) {
    for (const sign of ['response', 'both']) {
      Object.assign(stack.idp.options, { sign, encrypt: { cert: ours.cert, data } });
      const { browser, fields } = await posted(stack);
      await signsIn(stack, fields, browser);
    }
    stack.idp.options.sign = 'assertion';
    const { browser, fields } = await posted(stack);
    assert.equal((await browser.post(fields)).headers.get('x-access-gate'), 'encryption-cbc-unsigned');
  }
});

test('RSA-OAEP with SHA-256, the key behind the data', async (t) => {
  const stack = await startStack(t, { vars });
  for (const { cert } of [ours, old]) {
    for (const data of gcm) {
      const { browser, fields } = await posted(stack, (xml) => encryptAssertion(xml, cert, { data }));
      await signsIn(stack, fields, browser);
    }
  }
});

test('CBC with the assertion signed inside, by a switch', async (t) => {
  const stack = await startStack(t, { vars, limits, ...legacy });
  for (const data of cbc) {
    const { browser, fields } = await posted(stack, (xml) => encryptAssertion(xml, ours.cert, { data }));
    await signsIn(stack, fields, browser);
  }

  await t.test('every failure looks alike, and takes the same time', async () => {
    const flip = (at) => (octets) => octets.with(at < 0 ? octets.length + at : at, octets.at(at) ^ 1);
    const kinds = {
      'padding': { spoil: flip(-17) },
      'the last block': { spoil: flip(-1) },
      'the first byte of the XML': { spoil: flip(0) },
      'a name in the XML': { spoil: flip(300) },
      'cut off': { spoil: (octets) => octets.subarray(0, -16) },
      'no block': { spoil: (octets) => octets.subarray(0, 15) },
      'somebody else\'s key': { cert: (await newKeys()).cert },
      'signed by somebody else': { alter: (xml) => xml.replace('alice@', 'mally@') },
    };
    const seen = new Set();
    for (const [name, { spoil, cert = ours.cert, alter = (xml) => xml }] of Object.entries(kinds)) {
      const { browser, fields } = await posted(stack, (xml) => encryptAssertion(alter(xml), cert, { data: cbc[0], spoil }));
      const began = performance.now();
      const answer = await browser.post(fields);
      const took = performance.now() - began;
      const body = (await answer.text()).replace(/<code>[0-9a-f]{12}<\/code>|<dd>\d{4}-\d\d-\d\d \d\d:\d\d UTC<\/dd>/g, '');
      const headers = [...answer.headers].filter(([header]) => header !== 'date');
      seen.add(JSON.stringify([answer.status, headers, body]));
      assert.ok(took >= 245, `${name} was answered in ${took} ms`);
      assert.equal(answer.headers.get('x-access-gate'), 'assertion-undecipherable', name);
    }
    assert.equal(seen.size, 1, [...seen].join('\n'));
  });

  await t.test('not more often than the limit', async () => {
    const { browser, fields } = await posted(stack, (xml) => encryptAssertion(xml, ours.cert, { data: cbc[0] }));
    let answer;
    // Each takes a quarter of a second.
    await earlyInAMinute(40);
    for (let tries = 0; tries < 45; tries++) {
      answer = await browser.post({ ...fields, SAMLResponse: encode(decode(fields.SAMLResponse).replace(/CipherValue>...../, 'CipherValue>AAAAA')) });
      await answer.text();
      if (answer.status !== 403) break;
    }
    assert.equal(answer.status, 429);
    assert.equal(answer.headers.get('x-access-gate'), 'too-many-sign-ins');
  });
});

test('the switch without LOGIN_LIMIT lets nobody in', async (t) => {
  const stack = await startStack(t, { vars, ...legacy });
  const { browser, fields } = await posted(stack, (xml) => encryptAssertion(xml, ours.cert, { data: cbc[1] }));
  const answer = await browser.post(fields);
  assert.equal(answer.status, 503);
  assert.ok((await answer.text()).includes('LOGIN_LIMIT'));
  // What needs no limit works on.
  const other = await posted(stack, (xml) => encryptAssertion(xml, ours.cert, { data: gcm[1] }));
  await signsIn(stack, other.fields, other.browser);
});

test('without a key of our own', async (t) => {
  const stack = await startStack(t);
  const { browser, fields } = await posted(stack, (xml) => encryptAssertion(xml, ours.cert, { data: gcm[1] }));
  assert.equal((await browser.post(fields)).headers.get('x-access-gate'), 'assertion-encrypted');
});

test('unsigned inside and outside', async (t) => {
  const stack = await startStack(t, { vars });
  const { browser, fields } = await posted(stack);
  const { xml } = await stack.idp.answer(requestIdOf(fields.SAMLResponse), personById('carol'), {
    signAssertion: false,
    signResponse: false,
    encrypt: { cert: ours.cert, data: gcm[1] },
  });
  const answer = await browser.post({ ...fields, SAMLResponse: encode(xml) });
  assert.equal(answer.headers.get('x-access-gate'), 'signature-missing');
});
