import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { wasmFeatures } from './build.mjs';
import { buildEnvironment } from './lib/binaries.mjs';
import { handedToNewerNode } from './lib/node.mjs';
import { root } from './lib/paths.mjs';
import { pythonPackages } from './lib/python.mjs';
import { run } from './lib/run.mjs';
import { main, step } from './lib/step.mjs';

const rounds = Number(process.env.ROUNDS ?? 7);
const seconds = Number(process.env.SECONDS ?? 0.3);
const here = join(root, 'benches', 'saml');
const target = join(root, 'target');

const sizes = [
  { name: 'a few groups', groups: 5 },
  { name: '200 groups', groups: 200 },
  { name: '500 groups', groups: 500 },
  { name: '490 groups, 490 other values', groups: 490, others: 490 },
  { name: '2 000 groups', groups: 2000 },
];

await main(async () => {
  if (await handedToNewerNode()) return;
  const python = await step('What it is measured against', '1 min the first time', () => others());
  const wasm = await step('The check, natively and in wasm', '2 min the first time', () => ours());

  const folder = await mkdtemp(join(tmpdir(), 'vestibule-bench-'));
  const contenders = [];
  try {
    const setup = await prepare(folder);
    contenders.push(
      start('native', join(target, 'release', 'vestibule-bench-saml'), setup),
      start('wasm', process.execPath, join(here, 'wasm.mjs'), setup, wasm),
      start('xmlsec', python, join(here, 'xmlsec-contender.py'), setup),
      start('node-saml', process.execPath, join(here, 'node-saml.mjs'), setup),
    );
    for (const size of sizes) await measure(size, contenders);
    print(contenders.map(({ name }) => name));
  } finally {
    for (const { child } of contenders) child.kill();
    await rm(folder, { recursive: true });
  }
});

/** node-saml and C's xmlsec: kept out of package.json, since nothing else needs them. */
async function others() {
  await run('npm', ['ci', '--prefix', here, '--no-audit', '--no-fund']);
  return pythonPackages('bench', join(here, 'requirements.txt'));
}

/** Natively for speed; in wasm for size and through wasm-opt, as the Worker is built. */
async function ours() {
  const { env } = await buildEnvironment();
  const cargo = ['build', '--quiet', '--release', '--manifest-path', join(here, 'Cargo.toml'), '--target-dir', target];
  await run('cargo', cargo);
  const forSize = { CARGO_PROFILE_RELEASE_OPT_LEVEL: 's' };
  await run('cargo', [...cargo, '--lib', '--target', 'wasm32-unknown-unknown'], { env: forSize });
  const built = join(target, 'wasm32-unknown-unknown', 'release', 'vestibule_bench_saml.wasm');
  const optimised = built.replace('.wasm', '.opt.wasm');
  await run(env.WASM_OPT_BIN, [...wasmFeatures, '-O', built, '-o', optimised], { env });
  return optimised;
}

/** One response of each size, and what a service provider knows before it comes. */
async function prepare(folder) {
  const { newKeys } = await import('../demo/idp/keys.mjs');
  const { acs, entityId, idpEntityId, metadata, requestId, response } = await import('../benches/saml/responses.mjs');
  const keys = await newKeys();
  const now = Math.floor(Date.now() / 1000);
  for (const size of sizes) {
    const field = response({ keys, now, ...size });
    size.bytes = Buffer.from(field, 'base64').length;
    size.file = join(folder, `${sizes.indexOf(size)}.base64`);
    await writeFile(size.file, field);
  }
  const idp = {
    name: 'Bench',
    metadata: metadata(keys),
    attributes: { email: ['email'], groups: ['memberOf'], others: { other: ['other'] } },
  };
  const setup = join(folder, 'setup.json');
  await writeFile(setup, JSON.stringify({ idp, acs, entityId, idpEntityId, requestId, now, cert: keys.cert }));
  return setup;
}

/** A contender in a process of its own, asked with a line and answering with a line. */
function start(name, command, ...args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (...words) => {
    child.stdin.write(`${words.join(' ')}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error(`${name} ended`);
    return JSON.parse(value);
  };
  return { name, child, ask };
}

async function measure(size, contenders) {
  size.rates = {};
  size.outcomes = {};
  for (const { name, ask } of contenders) {
    size.outcomes[name] = (await ask(size.file, seconds)).outcome;
    size.rates[name] = [];
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, ask } of contenders) {
      const { count, seconds: taken } = await ask(size.file, seconds);
      size.rates[name].push(count / taken);
    }
  }
  size.memory = (await contenders[0].ask(size.file, 'memory')).bytes;
}

function print(names) {
  const load = loadavg().map((one) => one.toFixed(1)).join(', ');
  console.log(`\nmedians of ${rounds} interleaved rounds of ${seconds} s, each contender one thread; load ${load}\n`);
  const ratio = (size, a, b) => median(size.rates[a].map((rate, round) => rate / size.rates[b][round])).toFixed(1);
  const columns = ['', 'bytes', ...names.map((name) => `${name}/s`), 'native:xmlsec', 'wasm:node-saml', 'native ns/B', 'memory'];
  const rows = sizes.map((size) => [
    size.name,
    size.bytes,
    ...names.map((name) => Math.round(median(size.rates[name]))),
    ratio(size, 'native', 'xmlsec'),
    ratio(size, 'wasm', 'node-saml'),
    (1e9 / median(size.rates.native) / size.bytes).toFixed(1),
    `${(size.memory / size.bytes).toFixed(1)} ×`,
  ]);
  const widths = columns.map((title, at) => Math.max(...[title, ...rows.map((row) => row[at])].map((cell) => String(cell).length)));
  const line = (cells) => cells.map((cell, at) => (at ? String(cell).padStart(widths[at]) : String(cell).padEnd(widths[at]))).join('  ');
  for (const row of [columns, ...rows]) console.log(line(row));
  console.log();
  for (const { name, outcomes } of sizes) {
    console.log(`${name}: ${Object.entries(outcomes).map(([contender, outcome]) => `${contender} ${outcome}`).join(', ')}`);
  }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
