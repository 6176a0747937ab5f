import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from 'wrangler';
import { root } from '../../tools/lib/paths.mjs';
import { freePort } from '../../tools/lib/servers.mjs';
import { faultOf } from './record.mjs';

const output = join(root, 'build');

/**
 * The built Worker in workerd, with the bindings of wrangler.toml, on a free loopback port.
 *
 * `without` names bindings or secrets to leave out. The socket leads straight to the Worker: nothing
 * in front of it tidies a path, as `wrangler dev` would. `folder` keeps the KV where
 * `wrangler --persist-to` has it. `entry` is a module that stands before the Worker's own. `more` are
 * isolates beside it, each with a name, port and variables of its own, and with the same store and ledger.
 * `tail` is a Tail Worker of the gate, with the bucket RECORDS.
 */
export async function startGate({ port, vars, documents, without = [], beside = [], limits = {}, folder, entry, more = [], tail, inspector }) {
  const log = startLog();
  const { workerOptions } = workerOptionsOf(join(root, 'wrangler.toml'));
  const keep = (bindings) => Object.fromEntries(Object.entries(bindings).filter(([name]) => !without.includes(name)));
  const gate = {
    ...workerOptions,
    name: 'gate',
    modulesRoot: output,
    modules: [
      ...(entry ? [{ type: 'ESModule', path: join(output, 'entry.mjs'), contents: await readFile(entry, 'utf8') }] : []),
      { type: 'ESModule', path: join(output, 'index.js') },
      { type: 'CompiledWasm', path: join(output, 'index_bg.wasm') },
    ],
    bindings: keep(vars),
    kvNamespaces: keep(workerOptions.kvNamespaces),
    durableObjects: keep(workerOptions.durableObjects),
    ratelimits: limits,
    ...(tail && { tails: ['tail'] }),
    unsafeDirectSockets: [{ host: '127.0.0.1', port }],
  };
  const others = beside.map(({ name, path, port: at, bindings }) => ({
    name,
    compatibilityDate: workerOptions.compatibilityDate,
    modules: [{ type: 'ESModule', path }],
    bindings,
    unsafeDirectSockets: [{ host: '127.0.0.1', port: at }],
  }));
  const ledger = Object.fromEntries(
    Object.entries(gate.durableObjects).map(([name, { className }]) => [name, { className, scriptName: gate.name }]),
  );
  others.push(
    ...more.map(({ name, port: at, vars: bindings }) => ({
      ...gate,
      ...{ name, bindings, durableObjects: ledger, unsafeDirectSockets: [{ host: '127.0.0.1', port: at }] },
    })),
  );
  if (tail) {
    const { compatibilityDate } = workerOptions;
    others.push({ name: 'tail', compatibilityDate, modules: [{ type: 'ESModule', path: tail }], r2Buckets: ['RECORDS'] });
  }
  const options = {
    host: '127.0.0.1',
    port: await freePort(),
    // What has such an id is workerd's own word of an error inside it.
    handleStructuredLogs: ({ message }) => message.includes('; wdErrId = ') || log.add(message),
    workers: [gate, ...others],
    ...(inspector && { inspectorPort: inspector }),
    ...(folder && { resourcePersistencePath: join(folder, 'v3') }),
  };
  const miniflare = new Miniflare(convertV4MiniflareOptions(options));
  await miniflare.ready;
  const put = async (key, value) => (await miniflare.getKVNamespace('CONFIG')).put(key, value);
  if (!without.includes('CONFIG')) {
    for (const [key, value] of Object.entries(documents)) await put(key, value);
  }
  const get = async (key) => (await miniflare.getKVNamespace('CONFIG')).get(key);
  const cron = async () => (await miniflare.getWorker('gate')).scheduled({ cron: '17 * * * *' });
  const close = async () => {
    await miniflare.dispose();
    // A line that the schema does not have is a mistake, whichever test it came up in.
    assert.deepEqual(log.lines.map(faultOf).filter(Boolean), []);
  };
  const bucket = () => miniflare.getR2Bucket('RECORDS', 'tail');
  return { base: `http://localhost:${port}`, port, log, put, get, cron, bucket, close };
}

/** The lines that the Worker logs. They come on their own way, maybe after the answer. */
function startLog() {
  const lines = [];
  const waiting = new Set();
  return {
    lines,
    add(line) {
      lines.push(line);
      for (const look of waiting) look();
    },
    /** The first line that `wanted` accepts, parsed where it is JSON; waits for it. `from` skips as many. */
    line(wanted, from = 0) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => settle(() => reject(new Error(`not logged: ${wanted}\n${lines.join('\n')}`))), 20_000);
        const settle = (how) => {
          clearTimeout(timer);
          waiting.delete(look);
          how();
        };
        const look = () => {
          const found = lines.slice(from).map(parsed).find((line) => wanted(line));
          if (found !== undefined) settle(() => resolve(found));
        };
        waiting.add(look);
        look();
      });
    },
  };
}

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}
