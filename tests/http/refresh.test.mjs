import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { generate } from 'selfsigned';
import { SignedXml } from 'xml-crypto';
import { newKeys } from '../../demo/idp/keys.mjs';
import { metadata } from '../../demo/idp/samlp.mjs';
import { listen } from '../../demo/listen.mjs';
import { Browser } from './browser.mjs';
import { startStack } from './stack.mjs';

const bare = (cert) => cert.replace(/-----[^-]*-----|\s/g, '');
const other = '<EntityDescriptor entityID="other"';

/** Serves what `answers` says for a path: a function of the response. */
async function startSource(t, answers) {
  const server = createServer((request, response) => answers[request.url](response));
  const { port, close } = await listen(server);
  t.after(close);
  return `http://localhost:${port}`;
}

const xml = (text, headers) => (response) => response.writeHead(200, headers).end(text());
const moved = (location) => (response) => response.writeHead(302, { location: location() }).end();

function signed(text, { key, cert }) {
  const signer = new SignedXml({
    privateKey: key,
    publicCert: cert,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  });
  signer.addReference({
    xpath: '/*',
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/2001/10/xml-exc-c14n#'],
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  const withId = text.replace('<EntityDescriptor', '<EntityDescriptor ID="_metadata"');
  signer.computeSignature(withId, { location: { reference: '/*', action: 'prepend' } });
  return signer.getSignedXml();
}

/** Adds identity providers, each a copy of the sample one with something more. */
const copies = (all, more) => {
  const sample = JSON.parse(all['idp/sample']);
  const added = Object.entries(more).map(([id, fields]) => [`idp/${id}`, JSON.stringify({ ...sample, ...fields })]);
  return { ...all, ...Object.fromEntries(added) };
};

const refreshed = (stack, id) => stack.gate.log.line((line) => line.event === 'idp-refresh' && line.idp === id);

test('a new key is taken when the pinned key signed it, and then signs people in', async (t) => {
  const [publisher, next] = await Promise.all([newKeys('Publisher'), newKeys('Next')]);
  let stack;
  const now = () => stack.idp.metadata();
  const base = await startSource(t, { '/metadata': xml(() => signed(now(), publisher)) });
  const fields = { metadata_url: `${base}/metadata`, metadata_key: bare(publisher.cert) };
  stack = await startStack(t, { change: (all) => copies(all, { sample: fields }) });
  // The sample makes its metadata with the keys that it has at the time.
  Object.assign(stack.idp.keys, next);
  assert.equal((await stack.gate.cron()).outcome, 'ok');
  const line = await refreshed(stack, 'sample');
  assert.equal(line.outcome, 'taken', JSON.stringify(line));
  assert.deepEqual(line.changes.map((change) => change.replace(/: .*/, '')), ['certificate added', 'certificate removed']);
  assert.ok((await stack.gate.get('idp/sample')).includes(bare(next.cert)));
  assert.equal(await stack.gate.get('proposal/sample'), null);

  const browser = new Browser(stack);
  await browser.signIn('alice');
  assert.equal((await browser.go('/HR')).status, 200);
});

test('without a pinned key it waits as a proposal, until it is stored or withdrawn', async (t) => {
  const next = await newKeys('Next');
  let stack;
  let text = () => stack.idp.metadata();
  const base = await startSource(t, { '/metadata': xml(() => text()) });
  stack = await startStack(t, { change: (all) => copies(all, { sample: { metadata_url: `${base}/metadata` } }) });
  const before = await stack.gate.get('idp/sample');
  const then = stack.idp.metadata();
  Object.assign(stack.idp.keys, next);
  await stack.gate.cron();
  const line = await refreshed(stack, 'sample');
  assert.equal(line.outcome, 'proposed', JSON.stringify(line));
  assert.equal(await stack.gate.get('idp/sample'), before);
  const proposal = JSON.parse(await stack.gate.get('proposal/sample'));
  assert.ok(proposal.metadata.includes(bare(next.cert)));

  text = () => then;
  await stack.gate.cron();
  await stack.gate.log.line((one) => one.event === 'idp-refresh' && one.outcome === 'unchanged');
  assert.equal(await stack.gate.get('proposal/sample'), null);

  await stack.gate.put('idp/sample', JSON.stringify(proposal));
  const browser = new Browser(stack);
  await browser.signIn('alice');
  assert.equal((await browser.go('/HR')).status, 200);
});

test('whatever goes wrong, what is stored stays', async (t) => {
  let stack;
  const good = () => stack.idp.metadata();
  const ended = () => good().replace('<EntityDescriptor', '<EntityDescriptor validUntil="2026-01-01T00:00:00Z"');
  const large = ' '.repeat(1024 * 1024 + 1);
  const [publisher, stranger] = await Promise.all([newKeys('Publisher'), newKeys('Stranger')]);
  const pinned = { metadata_key: bare(publisher.cert) };
  let base;
  const elsewhere = await startSource(t, { '/': xml(good) });
  const cases = {
    missing: [(response) => response.writeHead(404).end(), 'metadata-unreachable', 'status 404'],
    broken: [(response) => response.writeHead(500).end(good()), 'metadata-unreachable', 'status 500'],
    cut: [(response) => response.socket.destroy(), 'metadata-unreachable', ''],
    halfway: [
      (response) => {
        response.writeHead(200, { 'content-length': 9999 }).write('<EntityDescriptor');
        setTimeout(() => response.socket.destroy(), 50);
      },
      'metadata-unreachable',
      '',
    ],
    silent: [() => {}, 'metadata-unreachable', ''],
    elsewhere: [moved(() => `${elsewhere}/`), 'metadata-unreachable', 'a redirect to'],
    circle: [moved(() => `${base}/circle`), 'metadata-unreachable', 'too many redirects'],
    page: [xml(() => '<!DOCTYPE html><p>Sign in'), 'xml-doctype', ''],
    declared: [xml(() => large), 'xml-too-large', ''],
    streamed: [
      (response) => {
        response.write(large);
        response.end();
      },
      'xml-too-large',
      '',
    ],
    ended: [xml(ended), 'metadata-expired', ''],
    other: [xml(() => good().replace(/<EntityDescriptor entityID="[^"]*"/, other)), 'metadata-no-idp', ''],
    unsigned: [xml(good), 'signature-missing', '', pinned],
    stranger: [xml(() => signed(good(), stranger)), 'signature-wrong', '', pinned],
    changed: [xml(() => signed(good(), publisher).replace('/sso"', '/ssO"')), 'digest-wrong', '', pinned],
  };
  const answers = Object.entries(cases).map(([name, [answer]]) => [`/${name}`, answer]);
  base = await startSource(t, Object.fromEntries(answers));
  const idps = Object.entries(cases).map(([name, [, , , more]]) => [name, { metadata_url: `${base}/${name}`, ...more }]);
  stack = await startStack(t, {
    change: (all) => ({ ...copies(all, Object.fromEntries(idps)), 'idp/nonsense': '{' }),
  });
  const before = Object.fromEntries(
    await Promise.all(Object.keys(cases).map(async (name) => [name, await stack.gate.get(`idp/${name}`)])),
  );
  // So that anything taken would be seen.
  Object.assign(stack.idp.keys, await newKeys('Next'));
  assert.equal((await stack.gate.cron()).outcome, 'ok');
  for (const [name, [, code, detail]] of Object.entries(cases)) {
    const line = await refreshed(stack, name);
    assert.equal(line.outcome, 'failed', JSON.stringify(line));
    assert.equal(line.code, code, JSON.stringify(line));
    assert.ok(line.detail.includes(detail), JSON.stringify(line));
    assert.equal(await stack.gate.get(`idp/${name}`), before[name], name);
    assert.equal(await stack.gate.get(`proposal/${name}`), null, name);
  }
  assert.equal((await refreshed(stack, 'nonsense')).code, 'idp-document-unusable');
});

test('a redirect at the same host is followed', async (t) => {
  let stack;
  let base;
  base = await startSource(t, {
    '/metadata': moved(() => '/a'),
    '/a': moved(() => `${base}/b`),
    '/b': xml(() => stack.idp.metadata()),
  });
  stack = await startStack(t, { change: (all) => copies(all, { sample: { metadata_url: `${base}/metadata` } }) });
  await stack.gate.cron();
  assert.equal((await refreshed(stack, 'sample')).outcome, 'unchanged');
});

test('certificates that end soon are in the log, also where nothing is fetched', async (t) => {
  const ends = (days) => ({ keySize: 2048, algorithm: 'sha256', notAfterDate: new Date(Date.now() + days * 86_400_000) });
  const text = async (days) => {
    const { cert } = await generate([{ name: 'commonName', value: 'ends' }], ends(days));
    return { metadata: metadata({ entityId: 'ends', base: 'http://localhost:1', cert }) };
  };
  const more = { soon: await text(29), later: await text(31) };
  const stack = await startStack(t, { change: (all) => copies(all, more) });
  await stack.gate.cron();
  const line = await stack.gate.log.line((one) => one.event === 'idp-warning');
  assert.equal(line.idp, 'soon');
  assert.equal(line.code, 'certificate-expires');
  assert.ok(!stack.gate.log.lines.some((one) => one.includes('idp-warning') && one.includes('later')));
});
