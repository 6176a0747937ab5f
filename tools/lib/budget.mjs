import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from './paths.mjs';

/** KiB that the Worker's wasm may take, compressed. 400 are wanted. */
const budget = 438;

/** Fails where the Worker that was built has grown above its budget. */
export async function withinBudget() {
  const compressed = gzipSync(await readFile(join(root, 'build', 'index_bg.wasm'))).length / 1024;
  if (compressed > budget) throw new Error(`${Math.ceil(compressed)} KiB of compressed wasm: more than ${budget}`);
  return `${Math.ceil(compressed)} of ${budget} KiB`;
}
