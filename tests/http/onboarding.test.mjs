import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { newKeys } from '../../demo/idp/keys.mjs';
import { root } from '../../tools/lib/paths.mjs';
import { Browser } from './browser.mjs';
import { startStack } from './stack.mjs';

const binary = join(root, 'target', 'debug', 'vestibule');

/** The steps of docs/jumpcloud.md from the metadata on, the sample standing for JumpCloud. */
test('from a metadata file to /HR and /IT', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-onboarding-'));
  t.after(() => rm(folder, { recursive: true }));
  const stack = await startStack(t, { folder, without: ['app/localhost', 'idp/sample'] });
  const store = ['--local', '--persist-to', folder];
  const vestibule = (...args) =>
    new Promise((resolve) => {
      execFile(binary, args, { cwd: root }, (error, output, errors) => {
        resolve({ code: error ? error.code : 0, output, errors });
      });
    });
  const host = `localhost:${stack.port}`;

  const form = await vestibule('idp', 'form', 'jumpcloud', '--host', host);
  assert.ok(form.output.includes(`${stack.base}/.access/acs`), form.output);

  const file = join(folder, 'metadata.xml');
  await writeFile(file, stack.idp.metadata());
  const named = ['--name', 'JumpCloud', '--email-attribute', 'email', '--groups-attribute', 'groups', '--host', host];
  const added = await vestibule('idp', 'add', file, ...named, ...store);
  assert.equal(added.code, 0, added.errors);
  assert.match(added.output, /^Usable\.\n[^]*Written: idp\/jumpcloud in the store of this computer/);

  const policy = join(folder, 'policy.json');
  const rules = ['--section', '/HR=HR', '--section', '/IT=IT', '--public', '/assets'];
  const made = await vestibule('init', '--host', 'localhost', '--name', 'Intranet', '--idp', 'jumpcloud', ...rules, '--output', policy);
  assert.equal(made.code, 0, made.errors);
  assert.equal((await vestibule('policy', 'test', policy)).code, 0);
  const published = await vestibule('publish', policy, ...store, '--yes', '--author', 'test');
  assert.equal(published.code, 0, published.output + published.errors);
  await stack.anew();

  for (const [person, hr, it] of [['alice', 200, 403], ['bob', 403, 200], ['carol', 200, 200], ['eve', 403, 403]]) {
    const browser = new Browser(stack);
    await browser.signIn(person, '/');
    const status = async (path) => (await browser.go(path)).status;
    assert.deepEqual([await status('/'), await status('/HR'), await status('/IT')], [200, hr, it], person);
  }
  const examined = await vestibule('doctor', stack.base, ...store, '--policy', policy, '--json');
  const release = JSON.parse(examined.output).findings.find(({ check }) => check === 'release');
  assert.equal(release.outcome, 'good', release.says);

  // The same again changes nothing; other keys are only taken by somebody who agrees.
  assert.equal((await vestibule('idp', 'add', file, ...named, ...store)).code, 0);
  const before = await stack.gate.get('idp/jumpcloud');
  await writeFile(file, stack.idp.metadata().replaceAll(bare(stack.idp.keys.cert), bare((await newKeys('Other')).cert)));
  const other = await vestibule('idp', 'add', file, ...named, ...store);
  assert.deepEqual([other.code, other.output], [2, '']);
  assert.match(other.errors, /say --yes/);
  assert.equal(await stack.gate.get('idp/jumpcloud'), before);
  const agreed = await vestibule('idp', 'add', file, ...named, ...store, '--yes');
  assert.equal(agreed.code, 0, agreed.errors);
  assert.notEqual(await stack.gate.get('idp/jumpcloud'), before);

  // By address, so that the Worker follows what changes there.
  const fetched = await vestibule('idp', 'add', `${stack.idp.base}/metadata`, ...named, ...store, '--yes', '--json');
  const { stored, document } = JSON.parse(fetched.output);
  assert.deepEqual([stored, document.metadata_url], ['idp/jumpcloud in the store of this computer', `${stack.idp.base}/metadata`]);
  assert.equal(document.metadata, stack.idp.metadata());
  assert.deepEqual(JSON.parse(await stack.gate.get('idp/jumpcloud')), document);
});

const bare = (cert) => cert.replace(/-----[^-]*-----|\s/g, '');
