import { build } from '../build.mjs';
import { setup } from '../setup.mjs';
import { handedToNewerNode } from './node.mjs';
import { nodeTests } from './node-tests.mjs';
import { main, step } from './step.mjs';

/** A command with tests for which more has to be set up than for `npm test`. */
export const moreTests = ({ needs, title, usually, files }) =>
  main(async () => {
    if (!process.env.VESTIBULE_SET_UP) {
      await setup();
      await step(needs.title, needs.usually, needs.set);
    }
    process.env.VESTIBULE_SET_UP = 'yes';
    if (await handedToNewerNode()) return;
    await step('Build the Worker', '2 min the first time', () => build());
    await step(title, usually, async () => {
      const { passed, failed } = await nodeTests(files);
      if (failed > 0) process.exitCode = 1;
      return `${passed} passed, ${failed} failed`;
    });
  });
