import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** A signing key with its self-signed certificate, as identity providers have them. */
export async function newKeys(name = 'Sample IdP') {
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    keySize: 2048,
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + 3650 * 86_400_000),
  });
  return { key, cert };
}

/** The keys in `folder`, made there the first time, so that the stored metadata stays right. */
export async function keptKeys(folder) {
  const path = join(folder, 'idp-keys.json');
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    const keys = await newKeys();
    await mkdir(folder, { recursive: true });
    await writeFile(path, JSON.stringify(keys), { mode: 0o600 });
    return keys;
  }
}
