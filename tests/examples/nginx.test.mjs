import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../tools/lib/paths.mjs';
import { freePort } from '../../tools/lib/servers.mjs';
import { standsBehindTheGate, start } from './origin.mjs';

const example = join(root, 'examples', 'nginx');

test('nginx', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-nginx-'));
  const commandOf = async ({ port, gate }) => {
    const verifier = await freePort();
    const env = { PORT: String(verifier), GATE: gate };
    await start(t, { command: process.execPath, args: ['verifier.js'], cwd: example, env }, `http://127.0.0.1:${verifier}`);
    await writeSite(folder, { port, verifier });
    return { command: 'nginx', args: ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], cwd: folder };
  };
  await standsBehindTheGate(t, commandOf, async (answer) => answer.headers.get('x-seen-by-nginx'));
  t.after(() => rm(folder, { recursive: true }));
});

/** Files, and the example's configuration with ports and folders of our own. */
async function writeSite(folder, { port, verifier }) {
  for (const path of ['HR', 'IT', 'assets']) await mkdir(join(folder, 'site', path), { recursive: true });
  for (const path of ['', 'HR', 'IT']) await writeFile(join(folder, 'site', path, 'index.html'), `<h1>${path}</h1>\n`);
  await cp(join(root, 'examples', 'express', 'public', 'style.css'), join(folder, 'site', 'assets', 'style.css'));
  const server = (await readFile(join(example, 'intranet.conf'), 'utf8'))
    .replace('127.0.0.1:8080', `127.0.0.1:${port}`)
    .replace('127.0.0.1:3001', `127.0.0.1:${verifier}`)
    .replace('/srv/intranet', join(folder, 'site'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  // Its workers are somebody else otherwise, who may not read the folder.
  const user = process.getuid() === 0 ? 'user root;\n' : '';
  const own = temporary.map((name) => `${name}_temp_path ${name};`).join('\n');
  await writeFile(
    join(folder, 'nginx.conf'),
    `${user}daemon off; pid nginx.pid; events {}\nhttp {\naccess_log off;\n${own}\n${server}\n}\n`,
  );
}
