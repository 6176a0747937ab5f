import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ask, run, which } from '../lib/run.mjs';
import { NeedsYou } from '../lib/step.mjs';

const target = 'wasm32-unknown-unknown';

/** The toolchain of rust-toolchain.toml with the wasm target. */
export async function rust() {
  if (!(await which('cargo'))) {
    throw new NeedsYou('Rust is not installed. Install it from https://rustup.rs, open a new shell and run this again.');
  }
  // Where rustup stands behind rustc, this also installs the toolchain that rust-toolchain.toml names.
  const sysroot = (await run('rustc', ['--print', 'sysroot'])).trim();
  if (existsSync(join(sysroot, 'lib', 'rustlib', target))) return 'there';
  if (!(await which('rustup')) || (await ask('rustup', ['target', 'add', target])) === null) {
    throw new NeedsYou(`Rust's ${target} target is missing and could not be added. Run:\n\n  rustup target add ${target}`);
  }
  return 'installed';
}
