import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildEnvironment } from './lib/binaries.mjs';
import { root } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { main, NeedsYou } from './lib/step.mjs';

const output = join(root, 'build');
const stamp = join(output, '.sources');

/** Compiles the Worker into build/, unless it is there for exactly these sources. */
export async function build({ show = false } = {}) {
  const environment = await buildEnvironment();
  if (!environment) throw new NeedsYou('The build tools are missing. Run:\n\n  npm run setup');
  const sources = await digest(environment);
  if ((await readFile(stamp, 'utf8').catch(() => '')) === sources) return 'there';
  await run(environment.workerBuild, ['--release'], { show, env: environment.env });
  await mkdir(output, { recursive: true });
  await writeFile(stamp, sources);
  return size();
}

async function digest({ env }) {
  const hash = createHash('sha256').update(env.WASM_BINDGEN_BIN);
  const names = ['Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml'];
  for (const folder of ['src', 'templates']) {
    const inside = await readdir(join(root, folder), { recursive: true }).catch(() => []);
    names.push(...inside.map((name) => join(folder, name)).sort());
  }
  for (const name of names) {
    const path = join(root, name);
    if ((await stat(path)).isFile()) hash.update(`${name}\0`).update(await readFile(path)).update('\0');
  }
  return hash.digest('hex');
}

async function size() {
  const wasm = await readFile(join(output, 'index_bg.wasm'));
  const kilo = (bytes) => `${Math.round(bytes / 1024)} KiB`;
  return `${kilo(wasm.length)} of wasm, ${kilo(gzipSync(wasm).length)} gzipped`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => console.log(`build: ${await build({ show: true })}`));
}
