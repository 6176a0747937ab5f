import { build, size } from './build.mjs';
import { handedToNewerNode } from './lib/node.mjs';
import { main } from './lib/step.mjs';

const rounds = Number(process.env.ROUNDS ?? 21);
const seconds = Number(process.env.SECONDS ?? 0.5);

/** All parts but the last, which needs Apache, or those that are named: `npm run bench -- mellon`. */
const parts = ['ordinary', 'growth', 'cold', 'mellon'];
const wanted = process.argv.length > 2 ? process.argv.slice(2) : parts.slice(0, -1);

await main(async () => {
  await build();
  if (await handedToNewerNode()) return;
  console.log(`Bundle: ${await size()}`);
  console.log(`\nMedian (quartiles) of ${rounds} interleaved rounds of ${seconds} s. The client, the Worker and the application share`);
  console.log(`this machine. workerd's log, a line for each request to the gate, goes into a file.`);
  for (const part of parts.filter((part) => wanted.includes(part))) {
    const run = (await import(`../benches/gate/${part}.mjs`))[part];
    await run({ rounds, seconds });
  }
});
