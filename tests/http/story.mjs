import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../tools/lib/paths.mjs';
import { startStack } from './stack.mjs';

const binary = join(root, 'target', 'debug', 'vestibule');

/** Runs the command line: exit code, and what it printed. */
export const vestibule = (...args) =>
  new Promise((resolve) => {
    execFile(binary, args, { cwd: root }, (error, output, errors) => {
      resolve({ code: error ? error.code : 0, output, errors });
    });
  });

/** A folder that is gone when test `t` ends. */
export async function temporary(t) {
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-story-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** What names the store in a folder to the command line. */
export const storeIn = (folder) => ['--local', '--persist-to', folder, '--config', join(root, 'wrangler.toml')];

/** A stack whose store the command line works on, and a policy file that is not published yet. */
export async function story(t) {
  const folder = await temporary(t);
  const stack = await startStack(t, { folder, without: ['app/localhost'] });
  const file = join(folder, 'policy.json');
  const demo = JSON.parse(await readFile(join(root, 'demo', 'policy.json'), 'utf8'));
  const write = async (change) => {
    change(demo);
    await writeFile(file, JSON.stringify(demo, null, 2));
  };
  const store = storeIn(folder);
  const publish = (...more) => vestibule('publish', file, ...store, '--yes', '--author', 'test', ...more);
  return { folder, stack, file, demo, write, store, publish };
}
