import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { find, wasmBindgenVersion } from '../lib/binaries.mjs';
import { toolFolder } from '../lib/paths.mjs';
import { ask, run } from '../lib/run.mjs';
import { download } from './download.mjs';

export async function wasmBindgen() {
  const version = await wasmBindgenVersion();
  if (await find('wasm-bindgen', version)) return 'there';
  if (await download(version, join(toolFolder, 'bin')) && (await find('wasm-bindgen', version))) {
    return 'downloaded';
  }
  await cargoInstall('wasm-bindgen-cli', version);
  return 'built';
}

async function cargoInstall(name, version) {
  await mkdir(toolFolder, { recursive: true });
  // One of its own, so that two set-ups at once do not clear away each other's work.
  const target = join(toolFolder, `build-${process.pid}`);
  const install = ['install', name, '--version', version, '--root', toolFolder, '--target-dir', target];
  // A published lock file can name a crate that has since been withdrawn; then cargo chooses anew.
  if ((await ask('cargo', [...install, '--locked'])) === null) await run('cargo', install);
  await rm(target, { recursive: true, force: true });
}
