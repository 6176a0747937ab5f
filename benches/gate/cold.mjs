import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from 'wrangler';
import { root } from '../../tools/lib/paths.mjs';
import { freePort } from '../../tools/lib/servers.mjs';
import { printTimes } from './table.mjs';

const names = { bare: 'a bare JavaScript worker', trivial: 'with an empty wasm module', gate: 'the gate' };

/** How long the first answer of a fresh isolate takes, and what the second takes. */
export async function cold({ rounds }) {
  const { compatibilityDate } = workerOptionsOf(join(root, 'wrangler.toml')).workerOptions;
  const port = await freePort();
  const module = (type, path) => ({ type, path: join(root, path) });
  const loader = {
    name: 'loader',
    compatibilityDate,
    modulesRoot: root,
    modules: [
      { ...module('ESModule', 'build/loader.mjs'), contents: await readFile(join(root, 'benches/gate/loader.mjs'), 'utf8') },
      module('Text', 'build/index.js'),
      module('Data', 'build/index_bg.wasm'),
    ],
    bindings: { DATE: compatibilityDate },
    workerLoaders: { LOADER: {} },
    unsafeDirectSockets: [{ host: '127.0.0.1', port }],
  };
  const options = { host: '127.0.0.1', port: await freePort(), workers: [loader] };
  const miniflare = new Miniflare(convertV4MiniflareOptions(options));
  try {
    await miniflare.ready;
    const times = {};
    for (let round = -1; round < rounds; round += 1) {
      for (const [name, title] of Object.entries(names)) {
        const first = await milliseconds(`http://127.0.0.1:${port}/${name}/${round}`);
        const second = await milliseconds(`http://127.0.0.1:${port}/${name}/${round}`);
        // The very first of all finds nothing warm.
        if (round < 0) continue;
        (times[`${title}: first`] ??= []).push(first);
        (times[`${title}: second`] ??= []).push(second);
      }
    }
    printTimes('Cold start: milliseconds until a fresh isolate has answered', times);
  } finally {
    await miniflare.dispose();
  }
}

async function milliseconds(url) {
  const start = performance.now();
  const answer = await fetch(url);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${text}`);
  return performance.now() - start;
}
