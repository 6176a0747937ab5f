import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { withinBudget } from './lib/budget.mjs';
import { handedToNewerNode } from './lib/node.mjs';
import { nodeTests } from './lib/node-tests.mjs';
import { root } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { main, step } from './lib/step.mjs';
import { wrangler } from './lib/wrangler.mjs';
import { chromium } from './setup/chromium.mjs';
import { setup } from './setup.mjs';

const testsIn = (folder) =>
  readdirSync(join(root, 'tests', folder))
    .filter((name) => name.endsWith('.test.mjs'))
    .map((name) => join('tests', folder, name));

await main(async () => {
  if (!process.env.VESTIBULE_SET_UP) {
    await setup();
    await step('Chromium', '1 min the first time', chromium);
  }
  process.env.VESTIBULE_SET_UP = 'yes';
  if (await handedToNewerNode()) return;

  const counts = { passed: 0, failed: 0 };
  const nodeStep = (title, usually, files) =>
    step(title, usually, async () => {
      const { passed, failed } = await nodeTests(files);
      counts.passed += passed;
      counts.failed += failed;
      return `${passed} passed, ${failed} failed`;
    });

  await step('cargo fmt', '1 s', () => run('cargo', ['fmt', '--check']));
  await step('cargo clippy', '1 min the first time', () =>
    run('cargo', ['clippy', '--quiet', '--all-targets', '--', '-D', 'warnings']),
  );
  await step('cargo clippy for wasm', '1 min the first time', () =>
    run('cargo', ['clippy', '--quiet', '--lib', '--target', 'wasm32-unknown-unknown', '--', '-D', 'warnings']),
  );
  await step('cargo test', '2 min the first time', async () => {
    const output = await run('cargo', ['test', '--quiet']);
    const passed = [...output.matchAll(/test result: ok\. (\d+) passed/g)].map(([, count]) => Number(count));
    return `${passed.reduce((sum, count) => sum + count, 0)} passed`;
  });
  await step('Build the Worker', '2 min the first time', () => build());
  await step('The size of the Worker', '1 s', withinBudget);
  await step('wrangler deploy --dry-run', '5 s', () => wrangler(['deploy', '--dry-run']));
  await nodeStep('The gate over HTTP, in workerd', '30 s', testsIn('http'));
  await nodeStep('The gate in Chromium', '30 s', testsIn('browser'));
  await nodeStep('An application behind the gate', '5 s', ['tests/examples/express.test.mjs']);
  await nodeStep('npm start', '20 s', testsIn('start'));

  console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
  if (counts.failed > 0) process.exitCode = 1;
});
