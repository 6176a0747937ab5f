import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';

const stamp = join(root, 'node_modules', '.vestibule-lock');

/** wrangler, the Node that it needs, and the test tools, exactly as package-lock.json has them. */
export async function packages() {
  const lock = await readFile(join(root, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  const installed = await readFile(stamp, 'utf8').catch(() => '');
  if (installed === wanted) return 'there';
  await run('npm', ['ci', '--no-audit', '--no-fund']);
  await writeFile(stamp, wanted);
  return 'installed';
}
