import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { newKeys } from '../../demo/idp/keys.mjs';
import { personById } from '../../demo/people.mjs';
import { root } from '../../tools/lib/paths.mjs';
import { Browser } from './browser.mjs';
import { encryptAssertion, gcm } from './encrypt.mjs';
import { decode, encode, forge, requestIdOf } from './forge.mjs';
import { raw } from './raw.mjs';
import { elsewhere, unreachable } from './refusals-elsewhere.mjs';
import { startStack } from './stack.mjs';

const alice = personById('alice');
const ds = 'http://www.w3.org/2000/09/xmldsig#';
const der = async (name) => (await readFile(join(root, 'tests', 'keys', `${name}.der`))).toString('base64');

/** Requests of Alice, or of nobody: code, path, and what else. */
const requests = [
  ['path-bad-escape', '/%zz'],
  ['path-control', '/%00'],
  ['path-encoded-slash', '/HR/a%2fb'],
  ['path-backslash', '/HR%5cx'],
  ['path-not-utf8', '/%ff'],
  ['path-double-encoded', '/%2548'],
  ['path-dot-segment', '/HR/..%2fIT'],
  ['path-too-long', `/${'a'.repeat(2100)}`],
  ['not-allowed', '/IT'],
  ['denied', '/closed'],
  ['no-such-page', '/.access/nothing'],
  ['service-token-refused', '/HR', { headers: { 'x-access-client-id': 'x', 'x-access-client-secret': 'y' } }],
  ['deflate-malformed', '/.access/slo?SAMLRequest=AAAA&SigAlg=x&Signature=AAAA'],
  ['form-malformed', '/.access/acs', { method: 'POST', body: new URLSearchParams({ RelayState: 'x' }) }],
  ['form-too-large', '/.access/acs', { method: 'POST', body: new URLSearchParams({ SAMLResponse: 'A'.repeat(270_000) }) }],
];

const swap = (from, to) => (xml) => {
  const after = xml.replace(from, to);
  assert.notEqual(after, xml, `${from} is not in the response`);
  return after;
};
const signature = /<Signature[^]*<\/Signature>/;
const inSignature = (from, to) => swap(signature, (whole) => swap(from, to)(whole));

/** Responses that were changed on their way. */
const tampered = [
  ['xml-too-large', swap('<samlp:Status>', `${'<x/>'.repeat(2100)}$&`)],
  ['xml-doctype', (xml) => `<!DOCTYPE x>${xml}`],
  ['xml-instruction', swap('<samlp:Status>', '<?x y?>$&')],
  ['xml-comment', swap('<samlp:Status>', '<!-- -->$&')],
  ['xml-cdata', swap('</saml:Issuer>', '<![CDATA[x]]>$&')],
  ['xml-entity', swap('</saml:Issuer>', '&x;$&')],
  ['xml-malformed', (xml) => xml.slice(0, -3)],
  ['xml-duplicate-attribute', swap('Version="2.0"', '$& $&')],
  ['xml-content', swap('<samlp:Status>', 'text$&')],
  ['xml-namespace', swap('<samlp:Status>', '<samlp:Status other:a="b">')],
  ['response-root', (xml) => xml.replaceAll('samlp:Response', 'samlp:ArtifactResponse')],
  ['saml-unexpected', swap('<samlp:Status>', '<samlp:Other/>$&')],
  ['version-unsupported', swap('Version="2.0"', 'Version="2.1"')],
  ['time-malformed', swap(/IssueInstant="[^"]*"/, 'IssueInstant="now"')],
  ['assertion-count', swap(/<saml:Assertion.*<\/saml:Assertion>/s, '')],
  ['assertion-encrypted', swap(/<saml:Assertion.*<\/saml:Assertion>/s, '<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>')],
  ['status-not-success', (xml) => swap(/<saml:Assertion.*<\/saml:Assertion>/s, '')(swap('status:Success', 'status:Responder')(xml))],
  ['signature-missing', swap(signature, '')],
  ['signature-twice', swap(signature, '$&$&')],
  ['signature-misplaced', (xml) => swap(/(<saml:Subject>)/, `$1${signature.exec(xml)[0]}`)(swap(signature, '')(xml))],
  ['signature-shape', swap('</Signature>', `<Object xmlns="${ds}"/>$&`)],
  ['signature-reference', swap(/(<saml:Assertion[^>]*) ID="[^"]*"/, '$1 ID="_other"')],
  ['signature-transform', inSignature(`${ds}enveloped-signature`, 'http://www.w3.org/TR/1999/REC-xpath-19991116')],
  ['signature-sha1', inSignature('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', `${ds}rsa-sha1`)],
  ['signature-algorithm', inSignature('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', `${ds}hmac-sha1`)],
  ['signature-encoding', inSignature('<SignatureValue>', '$&!')],
  ['signature-key-family', inSignature('#rsa-sha256', '#ecdsa-sha256')],
  ['digest-wrong', swap('>HR<', '>IT<')],
  ['id-missing', swap(/(<saml:Assertion[^>]*) ID="[^"]*"/, '$1')],
  ['id-malformed', swap(/(<saml:Assertion[^>]*) ID="[^"]*"/, '$1 ID="1 2"')],
  ['id-duplicate', (xml) => xml.replace(/ID="[^"]*"/, / ID="([^"]*)"/.exec(xml.slice(xml.indexOf('<saml:Assertion')))[0].trim())],
];

const shift = (ms) => new Date(Date.now() + ms).toISOString();
const attribute = (name, ...values) =>
  `<saml:Attribute Name="${name}">${values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('')}</saml:Attribute>`;
const withGroups = (...groups) => swap(/<saml:Attribute Name="groups".*?<\/saml:Attribute>/s, attribute('groups', ...groups));

/** Genuine responses, signed by the identity provider itself, but for one thing. */
const genuine = [
  ['signature-wrong', async () => ({ keys: await newKeys() })],
  ['email-malformed', () => ({ alter: swap(/(Name="email".*?<saml:AttributeValue[^>]*>)[^<]*/s, '$1nobody') })],
  ['groups-elsewhere', () => ({ alter: swap(/<saml:Attribute Name="groups".*?<\/saml:Attribute>/s, attribute('http://schemas.microsoft.com/claims/groups.link', 'https://graph.example/')) })],
  ['text-deceives', () => ({ alter: withGroups('H\u202eR') })],
  ['attributes-too-many', () => ({ alter: withGroups(...Array.from({ length: 501 }, (_, at) => `group ${at}`)) })],
  ['session-too-large', () => ({ alter: swap('</saml:AttributeStatement>', `${attribute('note', randomBytes(30_000).toString('base64'))}$&`) })],
  ['saml-missing', () => ({ alter: swap(/<saml:AuthnStatement.*<\/saml:AuthnStatement>/s, '') })],
  ['name-id-unusable', () => ({ alter: swap(/(<saml:NameID[^>]*>)[^<]*/, `$1${'x'.repeat(1_100)}`) })],
  ['issuer-mismatch', () => ({ issuer: 'http://localhost:1/metadata' })],
  ['destination-mismatch', () => ({ destination: 'http://localhost:1/.access/acs' })],
  ['recipient-mismatch', () => ({ recipient: 'http://localhost:1/.access/acs' })],
  ['audience-mismatch', () => ({ audience: 'http://localhost:1/.access/metadata' })],
  ['in-response-to-mismatch', () => ({ alter: (xml) => xml.replace(/InResponseTo="[^"]*"/g, 'InResponseTo="_other"') })],
  ['confirmation-missing', () => ({ alter: swap('cm:bearer', 'cm:sender-vouches') })],
  ['condition-unknown', () => ({ alter: swap('<saml:AudienceRestriction>', '<saml:Condition/>$&') })],
  ['not-yet-valid', () => ({ alter: swap(/NotBefore="[^"]*"/, `NotBefore="${shift(600_000)}"`) })],
  ['expired', () => ({ alter: swap(/(SubjectConfirmationData[^>]*NotOnOrAfter=)"[^"]*"/, `$1"${shift(-300_000)}"`) })],
];

/** Documents of the identity provider with which nobody gets in: code, and what is done to the sample's. */
const certificates = (base64) => (idp) => ({ ...idp, metadata: idp.metadata.replace(/(<(?:\w+:)?X509Certificate>)[^<]*/g, `$1${base64}`) });
const metadata = (from, to) => (idp) => ({ ...idp, metadata: swap(from, to)(idp.metadata) });
const twoOf = (one) => {
  const entity = one.replace(/^<\?xml[^>]*>/, '');
  const other = entity.replace(/entityID="[^"]*"/, 'entityID="https://other.example/"').replace(/ ID="[^"]*"/, '');
  return `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">${entity}${other}</EntitiesDescriptor>`;
};
const documents = [
  ['no-key', metadata(/<(\w+:)?KeyDescriptor.*<\/(\w+:)?KeyDescriptor>/s, '')],
  ['certificate-malformed', certificates('AAAA')],
  ['key-unsupported', certificates(await der('ed25519'))],
  ['key-weak', certificates(await der('rsa-1024'))],
  ['key-bare', metadata(/<(\w+:)?X509Data>.*?<\/(\w+:)?X509Data>/s, '<KeyValue/>')],
  ['metadata-no-idp', (idp) => ({ ...idp, metadata: idp.metadata.replaceAll('IDPSSODescriptor', 'SPSSODescriptor') })],
  ['metadata-ambiguous', (idp) => ({ ...idp, metadata: twoOf(idp.metadata) })],
  ['metadata-no-sign-on', (idp) => ({ ...idp, metadata: idp.metadata.replace(/<SingleSignOnService[^>]*>/g, '') })],
  ['url-refused', (idp) => ({ ...idp, metadata: idp.metadata.replace(/(<SingleSignOnService[^>]*Location=)"[^"]*"/g, '$1"javascript:alert(1)"') })],
  ['signing-key-missing', (idp) => ({ ...idp, request: { sign: true } })],
  ['idp-document-unusable', () => ({})],
  ['idp-missing', () => null],
];

function withDocuments(all) {
  const policy = JSON.parse(all['app/localhost']);
  const idp = JSON.parse(all['idp/sample']);
  idp.attributes.others = { note: ['note'] };
  policy.rules.push({ path: '/closed/**', deny: true }, { path: '/machines', allow: { service: 'backup' } });
  const more = { 'idp/sample': JSON.stringify(idp), 'app/localhost': JSON.stringify(policy), 'app/document-unusable.example.com': '{' };
  for (const [code, change] of documents) {
    const changed = change(idp);
    more[`app/${code}.example.com`] = JSON.stringify({ ...policy, hosts: [`${code}.example.com`], sign_in: { idps: [code] } });
    if (changed) more[`idp/${code}`] = JSON.stringify(changed);
  }
  return { ...all, ...more };
}

/** The page is for a person, with the code for the administrator; the JSON says the same to a script. */
async function said(page, json, code) {
  const html = await page.text();
  assert.equal(page.headers.get('x-access-gate'), code, html);
  assert.match(page.headers.get('content-type'), /^text\/html/);
  const [person, administrator] = html.split('<details>');
  assert.ok(administrator.includes(`<code>${code}</code>`), html);
  assert.ok(!person.includes(`>${code}<`), html);
  assert.doesNotMatch(html, /samlp?:|&#?\w+;\/?saml|CDATA|DOCTYPE x/);
  // Some are told to those who see pages alone.
  if (!json) return;
  assert.match(json.headers.get('content-type'), /^application\/problem\+json/);
  const problem = await json.json();
  assert.deepEqual([problem.code, problem.status], [code, page.status]);
  assert.ok(problem.title && problem.remedy && problem.reference);
}

const script = { accept: 'application/json', 'sec-fetch-mode': 'cors' };
const provoked = new Set();

test('every refusal over HTTP', async (t) => {
  const stack = await startStack(t, { change: withDocuments });
  const { idp } = stack;
  const provoke = (code, work) => {
    provoked.add(code);
    return t.test(code, work);
  };

  const browser = new Browser(stack);
  await browser.signIn('alice');
  for (const [code, path, { headers = {}, ...rest } = {}] of requests) {
    await provoke(code, async () => {
      const page = await browser.go(path, { headers, ...rest });
      await said(page, await browser.go(path, { headers: { ...script, ...headers }, ...rest }), code);
    });
  }

  async function posts(code, SAMLResponse, options) {
    const post = async (more) => {
      const someone = new Browser(stack);
      const fields = await someone.choose('alice', await someone.begin('/HR'));
      return someone.post({ ...fields, SAMLResponse: await SAMLResponse(fields.SAMLResponse) }, { ...options, ...more });
    };
    await said(await post(), await post({ headers: script }), code);
  }
  for (const [code, alter] of tampered) await provoke(code, () => posts(code, (field) => encode(alter(decode(field)))));
  for (const [code, changes] of genuine) {
    await provoke(code, () => posts(code, async (field) => forge(idp, requestIdOf(field), alice, await changes())));
  }
  const broken = (field) => Buffer.concat([Buffer.from(field, 'base64'), Buffer.from([0xff])]).toString('base64');
  await provoke('xml-encoding', () => posts('xml-encoding', broken));
  await provoke('base64-malformed', () => posts('base64-malformed', () => '!'));
  await provoke('login-state-missing', () => posts('login-state-missing', (field) => field, { cookies: new Map() }));

  await provoke('sign-in-needed', async () => {
    const frame = { 'sec-fetch-dest': 'iframe' };
    const nobody = new Browser(stack);
    await said(await nobody.go('/HR', { headers: frame }), await nobody.go('/HR', { headers: script }), 'sign-in-needed');
  });

  await provoke('form-not-sent', async () => {
    const answer = await new Browser(stack).go('/HR', { method: 'POST', body: new URLSearchParams({ x: 'y' }) });
    await said(answer, null, 'form-not-sent');
  });

  await provoke('sign-in-loop', async () => {
    const forgetful = new Browser(stack);
    for (let round = 0; round < 4; round += 1) {
      await forgetful.signIn('alice', '/HR');
      forgetful.cookies.delete('__Host-access');
    }
    await said(await forgetful.go('/HR'), await forgetful.call('/.access/login?to=/HR'), 'sign-in-loop');
  });

  await provoke('authn-stale', async () => {
    const request = await browser.begin('/.access/login?switch=yes');
    const fields = await browser.choose('alice', request);
    const alter = swap(/AuthnInstant="[^"]*"/, `AuthnInstant="${shift(-3_600_000)}"`);
    const form = { ...fields, SAMLResponse: await forge(idp, requestIdOf(fields.SAMLResponse), alice, { alter }) };
    await said(await browser.post(form), await browser.post(form, { headers: script }), 'authn-stale');
  });

  await provoke('replayed', async () => {
    const someone = new Browser(stack);
    const fields = await someone.choose('alice', await someone.begin('/HR'));
    const cookies = new Map(someone.cookies);
    assert.equal((await someone.post(fields)).status, 303);
    const again = (headers) => someone.post(fields, { cookies, ...(headers && { headers }) });
    await said(await again(), await again(script), 'replayed');
  });

  const hosts = [...documents.map(([code]) => code), 'document-unusable', 'host-unknown'];
  for (const code of hosts) {
    await provoke(code, async () => {
      const ask = async (headers) => {
        const answer = await raw(stack.port, '/.access/login', { host: `${code}.example.com`, headers: Object.entries(headers) });
        return new Response(answer.body, { status: answer.status, headers: answer.headers });
      };
      await said(await ask({ accept: 'text/html' }), await ask({ accept: 'application/json' }), code);
    });
  }
});

test('an identity provider of which more is asked', async (t) => {
  const phishingResistant = 'urn:example:ac:key';
  const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
  const strict = (all) => {
    const idp = JSON.parse(all['idp/sample']);
    Object.assign(idp, { email_domains: ['example.org'], request: { authn_context: [phishingResistant], name_id_format: persistent } });
    return { ...all, 'idp/sample': JSON.stringify(idp) };
  };
  const stack = await startStack(t, { change: strict });
  const context = swap(/(<saml:AuthnContextClassRef[^>]*>)[^<]*/, `$1${phishingResistant}`);
  const format = swap(/Format="[^"]*"/, `Format="${persistent}"`);
  for (const [code, alter] of [
    ['authn-context-mismatch', format],
    ['name-id-format-mismatch', context],
    ['email-domain', (xml) => format(context(xml))],
  ]) {
    provoked.add(code);
    await t.test(code, async () => {
      const browser = new Browser(stack);
      const fields = await browser.choose('alice', await browser.begin('/HR'));
      const form = { ...fields, SAMLResponse: await forge(stack.idp, requestIdOf(fields.SAMLResponse), alice, { alter }) };
      await said(await browser.post(form), await browser.post(form, { headers: script }), code);
    });
  }
});

test('an encrypted assertion that is not understood, and an application that hides or hears too much', async (t) => {
  const { key, cert } = await newKeys('gate');
  const hides = (all) => {
    const idp = JSON.parse(all['idp/sample']);
    idp.attributes.others = { note: ['note'] };
    const policy = { ...JSON.parse(all['app/localhost']), hide_refused: true, headers: [{ 'X-Note': 'attribute:note' }] };
    return { ...all, 'idp/sample': JSON.stringify(idp), 'app/localhost': JSON.stringify(policy) };
  };
  const stack = await startStack(t, { change: hides, vars: { SAML_KEY: `${key.trim()}\n${cert.trim()}\n` } });
  const encrypted = (xml) => encryptAssertion(xml, cert, { data: gcm[0] });
  for (const [code, alter] of [
    ['encryption-shape', swap(/<xenc:EncryptedKey.*<\/xenc:EncryptedKey>/s, '')],
    ['encryption-algorithm', swap(gcm[0], 'http://www.w3.org/2001/04/xmlenc#tripledes-cbc')],
    ['encryption-oaep-hashes', swap('mgf1sha256', 'mgf1sha1')],
  ]) {
    provoked.add(code);
    await t.test(code, async () => {
      const browser = new Browser(stack);
      const fields = await browser.choose('alice', await browser.begin('/HR'));
      const form = { ...fields, SAMLResponse: encode(alter(await encrypted(decode(fields.SAMLResponse)))) };
      await said(await browser.post(form), await browser.post(form, { headers: script }), code);
    });
  }

  provoked.add('attributes-too-large');
  await t.test('attributes-too-large', async () => {
    const browser = new Browser(stack);
    const fields = await browser.choose('alice', await browser.begin('/HR'));
    const alter = swap('</saml:AttributeStatement>', `${attribute('note', 'x'.repeat(3_000))}$&`);
    const SAMLResponse = await forge(stack.idp, requestIdOf(fields.SAMLResponse), alice, { alter });
    assert.equal((await browser.post({ ...fields, SAMLResponse })).status, 303);
    await said(await browser.go('/HR'), await browser.go('/HR', { headers: script }), 'attributes-too-large');
  });

  provoked.add('not-found');
  await t.test('not-found', async () => {
    const browser = new Browser(stack);
    await browser.signIn('alice');
    await said(await browser.go('/IT'), await browser.go('/IT', { headers: script }), 'not-found');
  });
});

test('no refusal is left out', async () => {
  const page = await readFile(join(root, 'docs', 'refusals.md'), 'utf8');
  const all = [...page.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, code]) => code);
  assert.ok(all.length > 90, `${all.length}`);
  const lists = { provoked: [...provoked], elsewhere: Object.keys(elsewhere), unreachable: Object.keys(unreachable) };
  const known = Object.values(lists).flat();
  assert.deepEqual(all.filter((code) => !known.includes(code)), [], 'in no list');
  assert.deepEqual(known.filter((code) => !all.includes(code)), [], 'no such code');
  assert.deepEqual(known.filter((code, at) => known.indexOf(code) !== at), [], 'in two lists');
  for (const [code, file] of Object.entries(elsewhere)) {
    const text = await readFile(join(root, 'tests', 'http', file), 'utf8');
    assert.ok(text.includes(`'${code}'`), `${file} does not name ${code}`);
  }
});
