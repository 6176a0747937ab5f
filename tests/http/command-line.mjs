import { spawn } from 'node:child_process';
import { root } from '../../tools/lib/paths.mjs';

/** Our own command line, with a folder of its own for what it keeps. */
export function run(folder, ...args) {
  const child = spawn('cargo', ['run', '--quiet', '--bin', 'vestibule', '--', ...args], {
    cwd: root,
    env: { ...process.env, XDG_CONFIG_HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = ['', ''];
  const waiting = [];
  [child.stdout, child.stderr].forEach((stream, at) =>
    stream.on('data', (chunk) => {
      texts[at] += chunk;
      for (const look of waiting) look();
    }),
  );
  return {
    kill: () => child.kill(),
    /** What its errors say, once they do. */
    said: (pattern) =>
      new Promise((resolve) => {
        const look = () => pattern.exec(texts[1]) && resolve(pattern.exec(texts[1]));
        waiting.push(look);
        look();
      }),
    ended: new Promise((resolve) =>
      child.on('close', (status) => resolve({ status, output: texts[0], errors: texts[1] })),
    ),
  };
}
