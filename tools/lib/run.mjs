import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { root } from './paths.mjs';

export class CommandFailed extends Error {}

/** Runs a command. `show` lets its output through; otherwise it is kept and shown only on failure. */
export function run(command, args, { show = false, env = {}, input, timeout } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
      timeout,
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk) => (stdout += chunk));
    child.stderr?.on('data', (chunk) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(stdout);
      const tail = `${stdout}${stderr}`.trim().split('\n').slice(-40).join('\n');
      reject(new CommandFailed(`${[command, ...args].join(' ')} ended with ${signal ?? code}\n${tail}`));
    });
    if (input !== undefined) child.stdin.end(input);
  });
}

/** What a command prints, or null where it is missing or fails. */
export async function ask(command, args, options) {
  try {
    return (await run(command, args, options)).trim();
  } catch {
    return null;
  }
}

export async function executable(path) {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export async function which(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (folder && (await executable(path))) return path;
  }
  return null;
}
