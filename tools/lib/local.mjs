import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { local, root } from './paths.mjs';
import { idpDocument, newKeys } from './vestibule.mjs';
import { wrangler } from './wrangler.mjs';

const devVars = join(root, '.dev.vars');

/** The secrets and the local addresses in .dev.vars; keys that are there stay, and so do sessions. */
export async function writeDevVars(addresses) {
  const before = await readFile(devVars, 'utf8').catch(() => '');
  const kept = Object.fromEntries(
    [...before.matchAll(/^(SEAL_KEYS|SIGN_KEYS)='(.*)'$/gm)].map(([, name, value]) => [name, value]),
  );
  const { SEAL_KEYS, SIGN_KEYS } = kept.SEAL_KEYS && kept.SIGN_KEYS ? kept : await newKeys();
  const lines = Object.entries({ SEAL_KEYS, SIGN_KEYS, ...addresses });
  const text = lines.map(([name, value]) => `${name}='${value}'\n`).join('');
  await writeFile(devVars, text, { mode: 0o600 });
}

/** The KV documents of the demo: the policy of localhost, and the identity provider's metadata. */
export async function documents(idp, policy = join(root, 'demo', 'policy.json')) {
  await mkdir(local, { recursive: true });
  const metadataFile = join(local, `idp-${process.pid}.xml`);
  await writeFile(metadataFile, idp.metadata());
  return {
    'app/localhost': await readFile(policy, 'utf8'),
    'idp/sample': await idpDocument(metadataFile),
  };
}

/** Writes the documents into the KV that `wrangler dev` keeps on this computer. */
export async function putLocally(entries) {
  const file = join(local, 'kv.json');
  await writeFile(file, JSON.stringify(Object.entries(entries).map(([key, value]) => ({ key, value }))));
  await wrangler(['kv', 'bulk', 'put', file, '--binding', 'CONFIG', '--local']);
}
