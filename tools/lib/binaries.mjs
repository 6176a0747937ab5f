import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeBin, root, toolFolder } from './paths.mjs';
import { ask, which } from './run.mjs';

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

/** The paths of the tools that make the Worker of what cargo compiles. */
export async function buildTools() {
  const wasmBindgen = await find('wasm-bindgen', await wasmBindgenVersion());
  return wasmBindgen && { wasmBindgen, wasmOpt: join(nodeBin, 'wasm-opt'), esbuild: join(nodeBin, 'esbuild') };
}
