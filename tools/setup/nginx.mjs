import { executable, which } from '../lib/run.mjs';
import { debianPackages } from './debian.mjs';

/** nginx from Debian or Ubuntu, which keeps it where ordinary users don't look for programs. */
export async function nginx() {
  const there = (await which('nginx')) || (await executable('/usr/sbin/nginx'));
  return debianPackages(there ? [] : ['nginx-light']);
}
