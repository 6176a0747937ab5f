import { build } from './build.mjs';
import { handedToNewerNode } from './lib/node.mjs';
import { nodeTests } from './lib/node-tests.mjs';
import { main, step } from './lib/step.mjs';
import { nginx } from './setup/nginx.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  if (!process.env.VESTIBULE_SET_UP) {
    await setup();
    await step('nginx', '10 s the first time', nginx);
  }
  process.env.VESTIBULE_SET_UP = 'yes';
  if (await handedToNewerNode()) return;
  await step('Build the Worker', '2 min the first time', () => build());
  await step('Applications behind the gate', '1 min the first time', async () => {
    const names = ['express', 'flask', 'nginx', 'axum'];
    const { passed, failed } = await nodeTests(names.map((name) => `tests/examples/${name}.test.mjs`));
    if (failed > 0) process.exitCode = 1;
    return `${passed} passed, ${failed} failed`;
  });
});
