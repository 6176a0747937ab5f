import { pathToFileURL } from 'node:url';
import { wasmBindgen } from './setup/binaries.mjs';
import { clang } from './setup/clang.mjs';
import { packages } from './setup/packages.mjs';
import { rust } from './setup/rust.mjs';
import { main, step } from './lib/step.mjs';

/** Puts in place whatever is missing. Every step is cheap where its work is done already. */
export async function setup() {
  await step('npm packages: wrangler, its Node, the sample identity provider\'s library', '20 s the first time', packages);
  await step('Rust with the wasm target', '20 s the first time', rust);
  await step('clang, for the C in the cryptography', '1 min the first time', clang);
  await step('wasm-bindgen', '10 s to download or 2 min to build, the first time', wasmBindgen);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main(setup);
