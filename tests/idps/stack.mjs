import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../../demo/app.mjs';
import { startIdp } from '../../demo/idp.mjs';
import { newKeys as newIdpKeys } from '../../demo/idp/keys.mjs';
import { documents as demoDocuments } from '../../tools/lib/local.mjs';
import { freePort } from '../../tools/lib/servers.mjs';
import { newKeys, vestibule } from '../../tools/lib/vestibule.mjs';
import { Browser, readForm } from '../http/browser.mjs';
import { startGate } from '../http/gate.mjs';
import { signInAt } from './visit.mjs';

/**
 * The gate and an identity provider that know each other as an administrator would let them: by
 * each other's metadata, and by what `add` tells `vestibule idp add` besides.
 */
export async function startStack(t, start, { vars = {}, limits, add = [] } = {}) {
  const port = await freePort();
  const base = `http://localhost:${port}`;
  const app = await startApp({ gate: base });
  const ends = [app];
  t.after(() => Promise.all(ends.map((one) => one.close())));

  const allVars = { ...(await newKeys()), GATE_URL: base, ORIGIN_URL: app.base, ...vars };
  const documents = await demoDocumentsOf(base);
  delete documents['idp/sample'];
  const before = await startGate({ port, vars: allVars, documents });
  const idp = await start(await (await fetch(`${base}/.access/metadata`)).text()).finally(before.close);
  ends.push(idp);
  documents['idp/sample'] = await idpDocument(await idp.metadata(), [...idp.attributes, ...add]);
  const gate = await startGate({ port, vars: allVars, documents, limits });
  ends.push(gate);
  return { gate, idp, app, base, port };
}

async function demoDocumentsOf(gate) {
  const idp = await startIdp({ keys: await newIdpKeys(), gate });
  return demoDocuments(idp).finally(idp.close);
}

async function idpDocument(metadata, more) {
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-'));
  const file = join(folder, 'idp.xml');
  await writeFile(file, metadata);
  return vestibule('idp', 'add', file, '--name', 'Provider', ...more).finally(() => rm(folder, { recursive: true }));
}

/** From a path of the application to the form that the identity provider posts. */
export async function ask(stack, person, path = '/') {
  const browser = new Browser(stack);
  const answer = await browser.go(path);
  const location = answer.headers.get('location');
  const sent = location ? { location } : readForm(await answer.text());
  const { action, fields } = await signInAt(stack.idp, sent, person);
  return { browser, action: String(action), fields: { SAMLResponse: fields.SAMLResponse, RelayState: fields.RelayState } };
}
