import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildTools } from './lib/binaries.mjs';
import { nameByLikeness } from './lib/neighbours.mjs';
import { root } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { main, NeedsYou } from './lib/step.mjs';

const output = join(root, 'build');
const parts = join(output, 'parts');
const stamp = join(output, '.sources');
const wasm = join(output, 'index_bg.wasm');
const target = 'wasm32-unknown-unknown';

/** What wasm-opt may meet. */
export const wasmFeatures = [
  ...['bulk-memory', 'exception-handling', 'multivalue', 'mutable-globals'],
  ...['nontrapping-float-to-int', 'reference-types', 'sign-ext'],
].map((feature) => `--enable-${feature}`);

/** Compiles the Worker into build/, unless it is there for exactly these sources. */
export async function build({ show = false } = {}) {
  const tools = await buildTools();
  if (!tools) throw new NeedsYou('The build tools are missing. Run:\n\n  npm run setup');
  const sources = await digest(tools);
  if ((await readFile(stamp, 'utf8').catch(() => '')) === sources) return 'there';
  const metadata = JSON.parse(await run('cargo', ['metadata', '--format-version', '1']));
  const folders = await foldersHere(metadata);
  const flags = Object.entries(folders).map(([here, anywhere]) => `--remap-path-prefix=${here}=${anywhere}`);
  const env = { CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f') };
  await run('cargo', ['build', '--release', '--lib', '--target', target], { show, env });
  await rm(parts, { recursive: true, force: true });
  await mkdir(parts, { recursive: true });
  await bind(tools, join(metadata.target_directory, target, 'release', 'vestibule.wasm'));
  await optimise(tools);
  await namesNone(Object.keys(folders));
  await bundle(tools);
  await writeFile(stamp, sources);
  return size();
}

/** The folders of this machine that places of panics would name, and what is named instead. */
async function foldersHere({ packages, target_directory, workspace_root }) {
  const ofLibraries = packages.filter(({ source }) => source).map((library) => dirname(dirname(library.manifest_path)));
  const toolchain = (await run('rustc', ['--print', 'sysroot'])).trim();
  return {
    ...Object.fromEntries(ofLibraries.map((folder) => [folder, ''])),
    [toolchain]: 'rust',
    [workspace_root]: '',
    [target_directory]: 'target',
  };
}

async function namesNone(folders) {
  const text = (await readFile(wasm)).toString('latin1');
  const named = folders.find((folder) => text.includes(join(folder, sep)));
  if (named) throw new Error(`The wasm names a folder of this machine: ${named}`);
}

/** What stands between wasm and JavaScript. A trap ends the instance, and the next call makes a new one. */
async function bind({ wasmBindgen }, compiled) {
  const reinitialising = ['--experimental-reset-state-function', '--force-enable-abort-handler'];
  const shape = ['--target', 'module', '--no-typescript', '--out-name', 'index', '--out-dir', parts];
  await run(wasmBindgen, [compiled, ...shape, ...reinitialising]);
}

/**
 * A function that is put into its only caller makes the wasm smaller, and the compressed wasm larger by a tenth;
 * so do, a little, locals for what is computed twice. The lowest memory is the end of the stack, no object's.
 */
async function optimise({ wasmOpt }) {
  const compressible = ['--one-caller-inline-max-function-size=0', '--skip-pass=local-cse'];
  const slim = ['-Oz', ...compressible, '--low-memory-unused', '--strip-debug', '--strip-producers'];
  const named = join(parts, 'named.wasm');
  await run(wasmOpt, [...wasmFeatures, ...slim, join(parts, 'index_bg.wasm'), '-o', named]);
  await writeFile(named, nameByLikeness(await readFile(named)));
  await run(wasmOpt, [...wasmFeatures, '--reorder-functions-by-name', '--strip-debug', named, '-o', wasm]);
}

async function bundle({ esbuild }) {
  const index = join(output, 'index.js');
  await run(esbuild, [
    ...['src/edge/entry.js', '--bundle', '--format=esm', '--minify', `--outfile=${index}`],
    ...[`--alias:gate=${join(parts, 'index.js')}`, '--external:./index_bg.wasm', '--external:cloudflare:*'],
  ]);
  // What workerd and wrangler make of an imported module is this already; they don't know the phase.
  await writeFile(index, (await readFile(index, 'utf8')).replace('import source ', 'import '));
}

async function digest({ wasmBindgen }) {
  const hash = createHash('sha256').update(wasmBindgen);
  const names = ['Cargo.toml', 'Cargo.lock', 'build.rs', 'rust-toolchain.toml', 'tools/build.mjs', 'tools/lib/neighbours.mjs'];
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

/** How large it is. */
export async function size() {
  const bytes = await readFile(wasm);
  const kilo = (count) => `${Math.round(count / 1024)} KiB`;
  return `${kilo(bytes.length)} of wasm, ${kilo(gzipSync(bytes).length)} gzipped`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async () => console.log(`build: ${await build({ show: true })}`));
}
