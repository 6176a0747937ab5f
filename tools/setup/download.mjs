import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../lib/run.mjs';

const targets = {
  'linux-x64': 'x86_64-unknown-linux-musl',
  'linux-arm64': 'aarch64-unknown-linux-musl',
  'darwin-x64': 'x86_64-apple-darwin',
  'darwin-arm64': 'aarch64-apple-darwin',
};

/** Tries to fetch wasm-bindgen's release into `folder`; false, soon, where that cannot be had. */
export async function download(version, folder) {
  const target = targets[`${process.platform}-${process.arch}`];
  if (!target) return false;
  const name = `wasm-bindgen-${version}-${target}`;
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, '.download-'));
  try {
    const release = `https://github.com/wasm-bindgen/wasm-bindgen/releases/download/${version}/${name}.tar.gz`;
    const answer = await fetch(release, { signal: AbortSignal.timeout(20_000) });
    if (!answer.ok) return false;
    const archive = join(work, 'release.tar.gz');
    await writeFile(archive, Buffer.from(await answer.arrayBuffer()));
    await run('tar', ['-xzf', archive, '-C', work]);
    await rename(join(work, name, 'wasm-bindgen'), join(folder, 'wasm-bindgen'));
    return true;
  } catch {
    return false;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
