import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toolFolder } from './paths.mjs';
import { ask, run } from './run.mjs';
import { NeedsYou } from './step.mjs';

/** The Python of a virtual environment in the tool folder that has exactly these requirements. */
export async function pythonPackages(name, requirements) {
  const folder = join(toolFolder, `python-${name}`);
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, '.requirements');
  const wanted = createHash('sha256').update(await readFile(requirements)).digest('hex');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return python;
  if ((await ask('python3', ['-c', 'import ensurepip, venv'])) === null) {
    throw new NeedsYou('Python with venv is missing. Run:\n\n  apt-get install python3-venv');
  }
  await run('python3', ['-m', 'venv', '--clear', folder]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  await writeFile(stamp, wanted);
  return python;
}
