import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from 'wrangler';
import { root } from '../../tools/lib/paths.mjs';
import { freePort } from '../../tools/lib/servers.mjs';

const output = join(root, 'build');

/**
 * The built Worker in workerd, with the bindings of wrangler.toml, on a free loopback port.
 *
 * `without` names bindings or secrets to leave out. The socket leads straight to the Worker: nothing
 * in front of it tidies a path, as `wrangler dev` would.
 */
export async function startGate({ port, vars, documents, without = [] }) {
  const log = [];
  const { workerOptions } = workerOptionsOf(join(root, 'wrangler.toml'));
  const keep = (bindings) => Object.fromEntries(Object.entries(bindings).filter(([name]) => !without.includes(name)));
  const options = {
    ...workerOptions,
    name: 'gate',
    host: '127.0.0.1',
    port: await freePort(),
    modulesRoot: output,
    modules: [
      { type: 'ESModule', path: join(output, 'index.js') },
      { type: 'CompiledWasm', path: join(output, 'index_bg.wasm') },
    ],
    bindings: keep(vars),
    kvNamespaces: keep(workerOptions.kvNamespaces),
    durableObjects: keep(workerOptions.durableObjects),
    unsafeDirectSockets: [{ host: '127.0.0.1', port }],
    handleStructuredLogs: ({ message }) => log.push(message),
  };
  const miniflare = new Miniflare(convertV4MiniflareOptions(options));
  await miniflare.ready;
  const put = async (key, value) => (await miniflare.getKVNamespace('CONFIG')).put(key, value);
  if (!without.includes('CONFIG')) {
    for (const [key, value] of Object.entries(documents)) await put(key, value);
  }
  return { base: `http://localhost:${port}`, port, log, put, close: () => miniflare.dispose() };
}

