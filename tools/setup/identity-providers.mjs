import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/paths.mjs';
import { pythonPackages } from '../lib/python.mjs';
import { ask, which } from '../lib/run.mjs';
import { debianPackages } from './debian.mjs';

const needed = {
  simplesamlphp: () => existsSync('/usr/share/simplesamlphp/www'),
  'php-cli': () => which('php'),
  // SimpleSAMLphp's package does not ask for it.
  'php-xml': async () => (await ask('php', ['-m']))?.split('\n').includes('dom'),
  xmlsec1: () => which('xmlsec1'),
  'python3-venv': () => which('python3'),
};

/** SimpleSAMLphp and xmlsec1 from Debian or Ubuntu, pysaml2 from PyPI. */
export async function identityProviders() {
  const missing = [];
  for (const [name, there] of Object.entries(needed)) if (!(await there())) missing.push(name);
  const outcome = await debianPackages(missing);
  await pythonPackages('pysaml2', join(root, 'tests', 'idps', 'pysaml2', 'requirements.txt'));
  return outcome;
}
