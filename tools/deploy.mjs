import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './lib/paths.mjs';
import { handedToNewerNode } from './lib/node.mjs';
import { wrangler } from './lib/wrangler.mjs';
import { main, NeedsYou } from './lib/step.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  await setup();
  if (await handedToNewerNode()) return;
  const config = await readFile(join(root, 'wrangler.toml'), 'utf8');
  const unset = [];
  if (/^id = "0{32}"/m.test(config)) unset.push('the id of the KV namespace (npx wrangler kv namespace create CONFIG)');
  if (!/^\s*routes? *=/m.test(config)) unset.push('a route (routes = [{ pattern, zone_name }])');
  if (unset.length > 0) throw new NeedsYou(`wrangler.toml still lacks:\n\n  - ${unset.join('\n  - ')}`);
  await wrangler(['deploy'], { show: true });
});
