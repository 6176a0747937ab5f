import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { find, wasmBindgenVersion, workerBuildVersion } from '../lib/binaries.mjs';
import { toolFolder } from '../lib/paths.mjs';
import { ask, run } from '../lib/run.mjs';
import { download } from './download.mjs';

export async function workerBuild() {
  if (await find('worker-build', workerBuildVersion)) return 'there';
  await cargoInstall('worker-build', workerBuildVersion);
  return 'built';
}

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
  const target = join(toolFolder, 'build');
  const install = ['install', name, '--version', version, '--root', toolFolder, '--target-dir', target];
  // A published lock file can name a crate that has since been withdrawn; then cargo chooses anew.
  if ((await ask('cargo', [...install, '--locked'])) === null) await run('cargo', install);
  await rm(target, { recursive: true, force: true });
}
