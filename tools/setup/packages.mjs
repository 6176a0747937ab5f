import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeBin, root } from '../lib/paths.mjs';
import { executable, run } from '../lib/run.mjs';

/** wrangler, the Node that it needs, and the test tools, exactly as package-lock.json has them. */
export async function packages() {
  if (await installed()) return 'there';
  await run('npm', ['ci', '--no-audit', '--no-fund']);
  return 'installed';
}

/** npm leaves a lock file of what it has really installed. */
async function installed() {
  const read = async (name) => JSON.parse(await readFile(join(root, name), 'utf8')).packages;
  try {
    const [wanted, there] = [await read('package-lock.json'), await read('node_modules/.package-lock.json')];
    // Optional packages are those of other platforms.
    const right = ([path, one]) => path === '' || one.optional || there[path]?.version === one.version;
    return Object.entries(wanted).every(right) && (await executable(join(nodeBin, 'node')));
  } catch {
    return false;
  }
}
