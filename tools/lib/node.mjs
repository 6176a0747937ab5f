import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { nodeBin } from './paths.mjs';
import { executable } from './run.mjs';

const enough = ([major, minor]) => major > 22 || (major === 22 && minor >= 12);

/**
 * wrangler needs Node 22.12 or newer. Where the machine's Node is older, the same script goes on
 * under the Node that npm installed; this process only hands on its signals and its exit code.
 * True means that the work has been handed over.
 */
export async function handedToNewerNode() {
  if (enough(process.versions.node.split('.').map(Number))) return false;
  const node = join(nodeBin, 'node');
  if (!(await executable(node))) return false;
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal sends ctrl-C to the whole group: the child has it already.
    process.on(signal, () => signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal));
  }
  process.exitCode = await new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
  return true;
}
