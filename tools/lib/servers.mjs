import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { NeedsYou } from './step.mjs';

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Fails at once, with the port's name, rather than later and obscurely. */
export async function checkFree(port, what) {
  const server = createServer();
  try {
    await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  } catch {
    throw new NeedsYou(`Port ${port}, for ${what}, is taken. End what uses it, or choose others: npm start -- --port 9000`);
  }
  await new Promise((resolve) => server.close(resolve));
}

/**
 * A port that nobody listens on, below those that systems give to outgoing connections: one of these
 * would soon be taken again by some client.
 */
export async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    const free = await new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** Starts a long-lived command in its own process group, so that all of it can be ended. */
export function startGroup(command, args, { env, cwd, log }) {
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  const ended = new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(code ?? signal));
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output.push(chunk.toString());
      log?.(chunk.toString());
    });
  }
  const kill = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It has ended already.
    }
  };
  return {
    ended,
    output: () => output.join(''),
    async stop() {
      kill('SIGTERM');
      const last = setTimeout(kill, 5000, 'SIGKILL');
      await ended;
      clearTimeout(last);
      kill('SIGKILL');
    },
  };
}

/** Waits until `url` answers, whatever it answers. */
export async function answering(url, server, seconds = 60) {
  let over = null;
  server.ended.then((code) => (over = code));
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(100)) {
    if (over !== null) throw new Error(`ended with ${over}\n${server.output()}`);
    try {
      await (await fetch(url, { signal: AbortSignal.timeout(2000) })).arrayBuffer();
      return;
    } catch {
      // Not yet.
    }
  }
  throw new Error(`${url} did not answer in ${seconds} s\n${server.output()}`);
}
