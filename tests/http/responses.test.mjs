import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newKeys } from '../../demo/idp/keys.mjs';
import { personById } from '../../demo/people.mjs';
import { Browser } from './browser.mjs';
import { decode, encode, forge, requestIdOf, signAssertion } from './forge.mjs';
import { startStack } from './stack.mjs';

const alice = personById('alice');
const swap = (from, to) => (xml) => {
  const after = xml.replace(from, to);
  assert.notEqual(after, xml, `${from} is not in the response`);
  return after;
};
const shift = (ms) => new Date(Date.now() + ms).toISOString();

const hungUp = (error) => {
  if (!['EPIPE', 'ECONNRESET'].includes(error.code)) throw error;
};

/** Genuine responses but for one thing, signed by the identity provider itself: name, code, change. */
const altered = [
  ['for another audience', 'audience-mismatch', { audience: 'http://localhost:1/.access/metadata' }],
  ['for an audience that begins like ours', 'audience-mismatch', { alter: swap(/<\/saml:Audience>/, '/x$&') }],
  ['without an audience', /audience|saml-missing/, { alter: swap(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, '') }],
  ['expired', 'expired', { alter: (xml) => xml.replace(/NotOnOrAfter="[^"]*"/g, `NotOnOrAfter="${shift(-300_000)}"`).replace(/NotBefore="[^"]*"/, `NotBefore="${shift(-600_000)}"`) }],
  ['with an expired confirmation only', 'expired', { alter: swap(/(SubjectConfirmationData[^>]*NotOnOrAfter=)"[^"]*"/, `$1"${shift(-300_000)}"`) }],
  ['not yet valid', 'not-yet-valid', { alter: swap(/NotBefore="[^"]*"/, `NotBefore="${shift(600_000)}"`) }],
  ['to another recipient', 'recipient-mismatch', { recipient: 'http://localhost:1/.access/acs' }],
  ['without a recipient', /recipient|confirmation|saml-missing/, { alter: swap(/ Recipient="[^"]*"/, '') }],
  ['to another destination', 'destination-mismatch', { destination: 'http://localhost:1/.access/acs' }],
  ['of another issuer', 'issuer-mismatch', { issuer: 'http://localhost:1/metadata' }],
  ['to another request', 'in-response-to-mismatch', { alter: (xml) => xml.replace(/InResponseTo="[^"]*"/g, 'InResponseTo="_other"') }],
  ['whose assertion answers another request', 'in-response-to-mismatch', { alter: swap(/(SubjectConfirmationData.*InResponseTo=)"[^"]*"/, '$1"_other"') }],
  ['whose assertion answers nothing', /unsolicited|in-response-to-mismatch/, { alter: swap(/(SubjectConfirmationData.*) InResponseTo="[^"]*"/, '$1') }],
  ['with a comment in the name', /xml-comment/, { alter: swap('alice@example.com</saml:NameID>', 'admin@example.com<!-- -->.evil</saml:NameID>') }],
  ['without success, with an assertion', /status-not-success|assertion-count/, { alter: swap('status:Success', 'status:Requester') }],
  ['without an authentication statement', /saml-missing/, { alter: swap(/<saml:AuthnStatement.*<\/saml:AuthnStatement>/, '') }],
];

/** Responses whose signature does not cover what they say: name, code, and how they come about. */
const unsigned = [
  ['without a signature', 'signature-missing', (xml) => xml.replace(/<Signature.*<\/Signature>/, '')],
  ['with another group', 'digest-wrong', swap('>HR<', '>IT<')],
  ['with another person', 'digest-wrong', swap('alice@example.com</saml:NameID>', 'carol@example.com</saml:NameID>')],
  ['with a spoilt signature', /signature-(wrong|encoding)/, swap(/(<SignatureValue>)(.)/, (all, tag, first) => tag + (first === 'A' ? 'B' : 'A'))],
  ['with an empty signature', /signature-encoding|signature-wrong/, swap(/<SignatureValue>[^<]*/, '<SignatureValue>')],
  ['with SHA-1 in name', /signature-(sha1|wrong)/, swap('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2000/09/xmldsig#rsa-sha1')],
  ['with HMAC in name', /signature-/, swap('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2000/09/xmldsig#hmac-sha1')],
  ['with a forged assertion before the signed one', /assertion-count|id-duplicate/, wrap((forged, genuine) => forged + genuine)],
  ['with a forged assertion after the signed one', /assertion-count|id-duplicate/, wrap((forged, genuine) => genuine + forged)],
  ['with the signed assertion inside a forged one', /saml-unexpected|assertion-count|signature/, wrap((forged, genuine) => forged.replace('</saml:Assertion>', `${genuine}</saml:Assertion>`))],
  ['with the signed assertion hidden in an extension', /saml-unexpected|assertion-count/, (xml) => {
    const [genuine] = /<saml:Assertion.*<\/saml:Assertion>/s.exec(xml);
    const extensions = `<samlp:Extensions>${genuine}</samlp:Extensions><samlp:Status>`;
    return xml.replace(genuine, forgedOf(genuine)).replace('<samlp:Status>', extensions);
  }],
];

function forgedOf(genuine) {
  return genuine
    .replace(/<Signature.*<\/Signature>/s, '')
    .replace(/\bID="[^"]*"/, 'ID="_forged"')
    .replaceAll('alice@example.com', 'carol@example.com')
    .replace('>HR<', '>IT<');
}

function wrap(arrange) {
  return (xml) => {
    const [genuine] = /<saml:Assertion.*<\/saml:Assertion>/s.exec(xml);
    return xml.replace(genuine, () => arrange(forgedOf(genuine), genuine));
  };
}

test('responses', async (t) => {
  const stack = await startStack(t);
  const { idp } = stack;

  async function begun() {
    const browser = new Browser(stack);
    const fields = await browser.choose('alice', await browser.begin('/HR'));
    return { browser, fields, requestId: requestIdOf(fields.SAMLResponse) };
  }

  /** The gate says no with this code, begins no session, and repeats nothing of what was sent. */
  async function refused(answer, browser, code) {
    const text = await answer.text();
    const given = answer.headers.get('x-access-gate');
    assert.ok(answer.status === 400 || answer.status === 403, `${answer.status} ${given}`);
    if (code instanceof RegExp) assert.match(given, code);
    else assert.equal(given, code);
    assert.ok(!browser.cookies.has('__Host-access'), 'a session was begun');
    assert.doesNotMatch(text, /carol@|admin@|_forged|localhost:1\b/);
    assert.equal((await browser.go('/HR')).status, 302);
  }

  await t.test('a response that a test signed itself is accepted', async () => {
    const { browser, fields, requestId } = await begun();
    const answer = await browser.post({ ...fields, SAMLResponse: await forge(idp, requestId, alice) });
    assert.equal(answer.status, 303, await answer.clone().text());
  });

  for (const [name, code, changes] of altered) {
    await t.test(name, async () => {
      const { browser, fields, requestId } = await begun();
      const SAMLResponse = await forge(idp, requestId, alice, changes);
      await refused(await browser.post({ ...fields, SAMLResponse }), browser, code);
    });
  }

  for (const [name, code, alter] of unsigned) {
    await t.test(name, async () => {
      const { browser, fields } = await begun();
      const SAMLResponse = encode(alter(decode(fields.SAMLResponse)));
      await refused(await browser.post({ ...fields, SAMLResponse }), browser, code);
    });
  }

  await t.test('signed with another key whose certificate comes along', async () => {
    const { browser, fields, requestId } = await begun();
    const SAMLResponse = await forge(idp, requestId, alice, { keys: await newKeys() });
    await refused(await browser.post({ ...fields, SAMLResponse }), browser, 'signature-wrong');
  });

  await t.test('a signed assertion with a forged one signed by nobody\'s key', async () => {
    const { browser, fields } = await begun();
    const forged = wrap((one) => one)(decode(fields.SAMLResponse));
    const SAMLResponse = encode(signAssertion(forged, await newKeys()));
    await refused(await browser.post({ ...fields, SAMLResponse }), browser, 'signature-wrong');
  });

  await t.test('the identity provider says no', async () => {
    const { browser, fields } = await begun();
    const no = decode(fields.SAMLResponse)
      .replace('status:Success', 'status:Responder')
      .replace(/<saml:Assertion.*<\/saml:Assertion>/s, '');
    await refused(await browser.post({ ...fields, SAMLResponse: encode(no) }), browser, 'status-not-success');
  });

  await t.test('a second time', async () => {
    const { browser, fields } = await begun();
    const cookies = new Map(browser.cookies);
    assert.equal((await browser.post(fields)).status, 303);
    const again = await browser.post(fields, { cookies });
    assert.equal(again.headers.get('x-access-gate'), 'replayed');
    assert.deepEqual(again.headers.getSetCookie().filter((line) => /^__Host-access=[^;]/.test(line)), []);
  });

  await t.test('twenty times at once: one session', async () => {
    const { browser, fields } = await begun();
    const cookies = new Map(browser.cookies);
    const answers = await Promise.all(Array.from({ length: 20 }, () => browser.post(fields, { cookies })));
    assert.equal(answers.filter(({ status }) => status === 303).length, 1);
    assert.equal(answers.filter(({ headers }) => headers.get('x-access-gate') === 'replayed').length, 19);
  });

  await t.test('a second assertion for the same request', async () => {
    const { browser, fields, requestId } = await begun();
    const cookies = new Map(browser.cookies);
    assert.equal((await browser.post(fields)).status, 303);
    const SAMLResponse = await forge(idp, requestId, alice);
    assert.equal((await browser.post({ ...fields, SAMLResponse }, { cookies })).headers.get('x-access-gate'), 'replayed');
  });

  await t.test('in a browser that began no sign-in', async () => {
    const { fields } = await begun();
    const browser = new Browser(stack);
    await refused(await browser.post(fields), browser, 'login-state-missing');
  });

  await t.test('in a browser that began another sign-in', async () => {
    const { fields } = await begun();
    const { browser, fields: own } = await begun();
    await refused(await browser.post(fields), browser, 'login-state-missing');
    await refused(await browser.post({ ...fields, RelayState: own.RelayState }), browser, 'in-response-to-mismatch');
  });

  await t.test('with a login state that was tampered with', async () => {
    const { browser, fields } = await begun();
    const [[name, value]] = browser.cookies;
    const spoilt = (value.at(-20) === 'A' ? 'B' : 'A') + value.slice(-19);
    for (const state of [value.slice(0, -20) + spoilt, value.slice(0, -2), '', 'x'.repeat(4000)]) {
      const answer = await browser.post(fields, { cookies: new Map([[name, state]]) });
      await refused(answer, new Browser(stack), 'login-state-missing');
    }
  });

  await t.test('without or with a foreign RelayState', async () => {
    for (const RelayState of [undefined, '', '../..', 'https://evil.example/', 'x'.repeat(5000)]) {
      const { browser, fields } = await begun();
      const { RelayState: _, ...rest } = fields;
      const sent = RelayState === undefined ? rest : { ...rest, RelayState };
      await refused(await browser.post(sent), browser, 'login-state-missing');
    }
  });

  await t.test('malformed in any way: 400 or 403, never 500', async () => {
    const { browser, fields } = await begun();
    const good = decode(fields.SAMLResponse);
    const fieldsOf = (xml) => ({ ...fields, SAMLResponse: encode(xml) });
    const forms = {
      'no base64': { ...fields, SAMLResponse: '<samlp:Response/>' },
      'base64 with a stray sign': { ...fields, SAMLResponse: `${fields.SAMLResponse.slice(0, 40)}*${fields.SAMLResponse.slice(40)}` },
      empty: { ...fields, SAMLResponse: '' },
      'no XML': fieldsOf('hello'),
      'bytes that are no text': { ...fields, SAMLResponse: Buffer.from([0xff, 0xfe, 0, 1]).toString('base64') },
      'cut off': fieldsOf(good.slice(0, good.length / 2)),
      'document type': fieldsOf(`<!DOCTYPE r [<!ENTITY x "y">]>${good}`),
      'two roots': fieldsOf(good + good),
      'CDATA': fieldsOf(good.replace('>HR<', '><![CDATA[HR]]><')),
      'processing instruction': fieldsOf(good.replace('>HR<', '><?x y?>HR<')),
      'deep': fieldsOf('<a>'.repeat(10_000) + '</a>'.repeat(10_000)),
      'wide': fieldsOf(`<a ${Array.from({ length: 2000 }, (_, at) => `b${at}=""`).join(' ')}/>`),
      'another root': fieldsOf('<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"/>'),
      'a bad date': fieldsOf(good.replace(/IssueInstant="[^"]*"/, 'IssueInstant="2024-02-30T25:00:00Z"')),
    };
    for (const [name, form] of Object.entries(forms)) {
      const answer = await browser.post(form);
      assert.ok(answer.status === 400 || answer.status === 403, `${name}: ${answer.status} ${await answer.text()}`);
      assert.ok(answer.headers.get('x-access-gate'), name);
    }
  });

  await t.test('larger than any honest one', async () => {
    const { browser, fields } = await begun();
    const refused = () => stack.gate.log.lines.filter((line) => line.includes('"form-too-large"')).length;
    for (const [at, size] of [300_000, 3_000_000, 20_000_000].entries()) {
      // The gate does not wait for the rest of what is too large: a client that goes on writing may
      // find the line cut before it has read the answer.
      const answer = await browser.post({ ...fields, SAMLResponse: 'A'.repeat(size) }).catch(hungUp);
      if (answer) {
        assert.equal(answer.status, 400, `${size}`);
        assert.equal(answer.headers.get('x-access-gate'), 'form-too-large');
      }
      await stack.gate.log.line(() => refused() > at);
    }
  });

  await t.test('forms that are none', async () => {
    const { browser, fields } = await begun();
    const twice = `${new URLSearchParams(fields)}&SAMLResponse=x`;
    const plain = new URLSearchParams(fields).toString();
    for (const [body, type] of [
      [twice, 'application/x-www-form-urlencoded'],
      [plain, 'text/plain'],
      [JSON.stringify(fields), 'application/json'],
      ['', 'application/x-www-form-urlencoded'],
    ]) {
      const answer = await browser.go('/.access/acs', { method: 'POST', body, headers: { 'content-type': type } });
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.get('x-access-gate'), 'form-malformed');
    }
    const multipart = new FormData();
    for (const [name, value] of Object.entries(fields)) multipart.set(name, value);
    assert.equal((await browser.go('/.access/acs', { method: 'POST', body: multipart })).status, 400);
  });
});
