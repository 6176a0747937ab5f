import { ask, run, which } from '../lib/run.mjs';
import { NeedsYou } from '../lib/step.mjs';

const compiler = () => process.env.CC_wasm32_unknown_unknown || 'clang';

/** Apple's own clang has no wasm back end, so being there is not enough. */
async function compilesToWasm() {
  const targets = await ask(compiler(), ['--print-targets']);
  return targets !== null && /\bwasm32\b/.test(targets);
}

const advice = {
  darwin: 'brew install llvm\n  export PATH="$(brew --prefix llvm)/bin:$PATH"',
  linux: 'sudo apt-get update && sudo apt-get install -y clang\n\n(or your distribution\'s package of clang)',
};

/** ring carries C, and only clang compiles C to wasm. */
export async function clang() {
  if (await compilesToWasm()) return 'there';
  if (process.getuid?.() === 0 && (await which('apt-get'))) {
    await run('apt-get', ['update']);
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'clang'], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (await compilesToWasm()) return 'installed';
  }
  throw new NeedsYou(`clang with its wasm back end is needed. Run:\n\n  ${advice[process.platform] ?? 'install clang'}`);
}
