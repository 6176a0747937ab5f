import { join } from 'node:path';
import { root } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { main, step } from './lib/step.mjs';

const manifest = join(root, 'benches', 'policy', 'Cargo.toml');
const target = join(root, 'target');

await main(async () => {
  const cargo = ['--quiet', '--release', '--manifest-path', manifest, '--target-dir', target];
  await step('Our decision and Cedar', '5 min the first time', () => run('cargo', ['build', ...cargo]));
  console.log(await run('cargo', ['run', ...cargo]));
});
