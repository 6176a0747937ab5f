import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import binary from 'workerd';
import { local } from './paths.mjs';

/**
 * Lets the log of the workerd that is started next go into a file, which is returned: on its usual way,
 * through this very process, a line would cost several times what it costs the Worker.
 */
export async function logToFile(name) {
  const folder = join(local, name);
  await mkdir(folder, { recursive: true });
  const [script, file] = [join(folder, 'workerd'), join(folder, 'workerd.log')];
  await writeFile(script, `#!/bin/sh\nexec "${binary.default ?? binary}" "$@" > "${file}"\n`);
  await chmod(script, 0o755);
  process.env.MINIFLARE_WORKERD_PATH = script;
  return file;
}

/** The id of the workerd that this process started. Linux only. */
export function workerd() {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [, name, , parent] = /^\d+ \((.*)\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      if (name.startsWith('workerd') && Number(parent) === process.pid) return pid;
    } catch {
      // It ended meanwhile.
    }
  }
  throw new Error('workerd is not running; this needs Linux');
}

/** Bytes of memory that a process has in use. */
export function memoryOf(pid) {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kilobytes) * 1024;
}
