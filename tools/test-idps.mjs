import { build } from './build.mjs';
import { handedToNewerNode } from './lib/node.mjs';
import { nodeTests } from './lib/node-tests.mjs';
import { main, step } from './lib/step.mjs';
import { identityProviders } from './setup/identity-providers.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  if (!process.env.VESTIBULE_SET_UP) {
    await setup();
    await step('SimpleSAMLphp and pysaml2', '1 min the first time', identityProviders);
  }
  process.env.VESTIBULE_SET_UP = 'yes';
  if (await handedToNewerNode()) return;
  await step('Build the Worker', '2 min the first time', () => build());
  await step('Identity providers that others wrote', '30 s', async () => {
    const { passed, failed } = await nodeTests(['tests/idps/idps.test.mjs']);
    if (failed > 0) process.exitCode = 1;
    return `${passed} passed, ${failed} failed`;
  });
});
