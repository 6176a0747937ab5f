import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/paths.mjs';
import { pythonPackages } from '../lib/python.mjs';
import { run, which } from '../lib/run.mjs';
import { NeedsYou } from '../lib/step.mjs';

const needed = {
  simplesamlphp: () => existsSync('/usr/share/simplesamlphp/www'),
  'php-cli': () => which('php'),
  xmlsec1: () => which('xmlsec1'),
  'python3-venv': () => which('python3'),
};

/** SimpleSAMLphp and xmlsec1 from Debian or Ubuntu, pysaml2 from PyPI. */
export async function identityProviders() {
  const missing = [];
  for (const [name, there] of Object.entries(needed)) if (!(await there())) missing.push(name);
  if (missing.length > 0) {
    const install = ['install', '--yes', '--no-install-recommends', ...missing];
    if (process.getuid() !== 0 || !(await which('apt-get'))) {
      throw new NeedsYou(`These are missing. On Debian or Ubuntu run:\n\n  sudo apt-get ${install.join(' ')}`);
    }
    await run('apt-get', ['update']);
    await run('apt-get', install, { env: { DEBIAN_FRONTEND: 'noninteractive' } });
  }
  await pythonPackages('pysaml2', join(root, 'tests', 'idps', 'pysaml2', 'requirements.txt'));
  return missing.length > 0 ? 'installed' : 'there';
}
