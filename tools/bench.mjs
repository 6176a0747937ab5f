import { fork } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { handedToNewerNode } from './lib/node.mjs';
import { root } from './lib/paths.mjs';
import { main } from './lib/step.mjs';

const rounds = Number(process.env.ROUNDS ?? 7);
const seconds = Number(process.env.SECONDS ?? 2);
const connections = 16;

await main(async () => {
  await build();
  if (await handedToNewerNode()) return;
  const { Pool } = await import('undici');
  const { startStack } = await import('../tests/http/stack.mjs');
  const { Browser } = await import('../tests/http/browser.mjs');
  const { freePort } = await import('./lib/servers.mjs');

  const ends = [];
  const origin = fork(join(root, 'benches/origin.mjs'));
  const originPort = await new Promise((resolve) => origin.once('message', resolve));
  const ORIGIN_URL = `http://localhost:${originPort}`;
  const HMAC_KEY = randomBytes(32).toString('hex');
  const beside = [];
  for (const name of ['pass-through', 'hmac-cookie']) {
    const bindings = { ORIGIN_URL, HMAC_KEY };
    beside.push({ name, path: join(root, 'benches', `${name}.mjs`), port: await freePort(), bindings });
  }
  const stack = await startStack({ after: (end) => ends.push(end) }, { vars: { ORIGIN_URL }, beside });
  try {
    const carol = new Browser(stack);
    await carol.signIn('carol', '/HR');
    const session = [...carol.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const alice = new Browser(stack);
    await alice.signIn('alice', '/HR');
    const other = [...alice.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const claims = btoa(JSON.stringify({ email: 'carol@example.com', groups: ['HR', 'IT'] }));
    const mac = createHmac('sha256', Buffer.from(HMAC_KEY, 'hex')).update(claims).digest('hex');
    const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

    const variants = [
      ['a  bare JavaScript pass-through', beside[0].port, '/HR/page', { ...page }, 200],
      ['b  JavaScript, HMAC cookie', beside[1].port, '/HR/page', { ...page, cookie: `session=${claims}.${mac}` }, 200],
      ['c  the gate, signed in, allowed', stack.port, '/HR/page', { ...page, cookie: session }, 200],
      ['d  the gate, public path', stack.port, '/assets/page', { ...page }, 200],
      ['e  the gate, refused', stack.port, '/IT/page', { ...page, cookie: other }, 403],
      ['f  the gate, to the sign-in', stack.port, '/HR/page', { ...page }, 302],
    ].map(([name, port, path, headers, status]) => ({ name, port, path, headers, status, samples: [] }));

    const pid = workerd();
    for (const variant of variants) await load(Pool, variant, 0.5);
    for (let round = 0; round < rounds; round += 1) {
      for (const variant of variants) {
        const before = cpu(pid);
        const rate = await load(Pool, variant, seconds);
        variant.samples.push({ rate: rate.count / rate.seconds, cpu: ((cpu(pid) - before) * 1e6) / rate.count });
      }
    }
    print(variants);
  } finally {
    origin.kill();
    for (const end of ends) await end();
  }
});

/** Asks for one thing over and over, on several connections, and counts. */
async function load(Pool, { port, path, headers, status }, duration) {
  const pool = new Pool(`http://localhost:${port}`, { connections, pipelining: 1 });
  const start = performance.now();
  const end = start + duration * 1000;
  let count = 0;
  const client = async () => {
    while (performance.now() < end) {
      const answer = await pool.request({ path, method: 'GET', headers });
      if (answer.statusCode !== status) throw new Error(`${path}: ${answer.statusCode} instead of ${status}`);
      await answer.body.dump();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  await pool.close();
  return { count, seconds: (performance.now() - start) / 1000 };
}

/** The workerd that this process started. */
function workerd() {
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

/** Seconds of processor time, of 100 ticks a second. */
function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function print(variants) {
  const [first] = variants;
  const range = (values, digits) => {
    const sorted = values.toSorted((a, b) => a - b);
    const [least, middle, most] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
    return `${middle.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
  };
  console.log(`\nmedian (least–most) of ${rounds} interleaved rounds of ${seconds} s, ${connections} connections\n`);
  console.log(`${''.padEnd(34)}${'requests/s against a'.padEnd(24)}${'workerd CPU against a'.padEnd(24)}requests/s`);
  for (const { name, samples } of variants) {
    const rate = samples.map((sample, round) => sample.rate / first.samples[round].rate);
    const work = samples.map((sample, round) => sample.cpu / first.samples[round].cpu);
    const absolute = samples.map((sample) => sample.rate);
    console.log(`${name.padEnd(34)}${range(rate, 2).padEnd(24)}${range(work, 2).padEnd(24)}${range(absolute, 0)}`);
  }
}
