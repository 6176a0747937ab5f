import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { nodeBin, root, toolFolder } from './paths.mjs';
import { ask, which } from './run.mjs';

export const workerBuildVersion = '0.8.7';

/** wasm-bindgen's tool and library must be of one version, and the library's stands in Cargo.lock. */
export async function wasmBindgenVersion() {
  const lock = await readFile(join(root, 'Cargo.lock'), 'utf8');
  return /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(lock)[1];
}

/** The path of a tool with exactly this version: on the PATH first, then in the tool folder. */
export async function find(name, version) {
  for (const path of [await which(name), join(toolFolder, 'bin', name)]) {
    const printed = path && (await ask(path, ['--version']));
    if (printed?.split(/\s+/).includes(version)) return path;
  }
  return null;
}

/** The environment in which worker-build finds all its tools here and downloads none. */
export async function buildEnvironment() {
  const workerBuild = await find('worker-build', workerBuildVersion);
  const wasmBindgen = await find('wasm-bindgen', await wasmBindgenVersion());
  if (!workerBuild || !wasmBindgen) return null;
  return {
    workerBuild,
    env: {
      PATH: [nodeBin, process.env.PATH].join(delimiter),
      WASM_BINDGEN_BIN: wasmBindgen,
      ESBUILD_BIN: join(nodeBin, 'esbuild'),
      WASM_OPT_BIN: join(nodeBin, 'wasm-opt'),
    },
  };
}
