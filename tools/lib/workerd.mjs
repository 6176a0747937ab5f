import { readdirSync, readFileSync } from 'node:fs';

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
