import { run, which } from '../lib/run.mjs';
import { NeedsYou } from '../lib/step.mjs';

/** Installs packages of Debian or Ubuntu, or says which. */
export async function debianPackages(missing) {
  if (missing.length === 0) return 'there';
  const install = ['install', '--yes', '--no-install-recommends', ...missing];
  if (process.getuid() !== 0 || !(await which('apt-get'))) {
    throw new NeedsYou(`These are missing. On Debian or Ubuntu run:\n\n  sudo apt-get ${install.join(' ')}`);
  }
  await run('apt-get', ['update']);
  await run('apt-get', install, { env: { DEBIAN_FRONTEND: 'noninteractive' } });
  return 'installed';
}
