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
const wasm = join(output, 'index_bg.wasm');

/** What wasm-opt may meet. */
export const wasmFeatures = [
  ...['bulk-memory', 'exception-handling', 'multivalue', 'mutable-globals'],
  ...['nontrapping-float-to-int', 'reference-types', 'sign-ext'],
].map((feature) => `--enable-${feature}`);

/** Compiles the Worker into build/, unless it is there for exactly these sources. */
export async function build({ show = false } = {}) {
  const environment = await buildEnvironment();
  if (!environment) throw new NeedsYou('The build tools are missing. Run:\n\n  npm run setup');
  const sources = await digest(environment);
  if ((await readFile(stamp, 'utf8').catch(() => '')) === sources) return 'there';
  await run(environment.workerBuild, ['--release'], { show, env: environment.env });
  await strip(environment);
  await mkdir(output, { recursive: true });
  await writeFile(stamp, sources);
  return size();
}

/** Takes out the names of functions, an eighth of the bundle, which worker-build always keeps. */
async function strip({ env }) {
  await run(env.WASM_OPT_BIN, [...wasmFeatures, '--strip-debug', '--strip-producers', wasm, '-o', wasm], { env });
}

async function digest({ env }) {
  const hash = createHash('sha256').update(env.WASM_BINDGEN_BIN);
  const names = ['Cargo.toml', 'Cargo.lock', 'build.rs', 'rust-toolchain.toml'];
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
  const bytes = await readFile(wasm);
  const kilo = (count) => `${Math.round(count / 1024)} KiB`;
  return `${kilo(bytes.length)} of wasm, ${kilo(gzipSync(bytes).length)} gzipped`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => console.log(`build: ${await build({ show: true })}`));
}
