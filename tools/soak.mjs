import { build } from './build.mjs';
import { handedToNewerNode } from './lib/node.mjs';
import { main } from './lib/step.mjs';
import { memoryOf, workerd } from './lib/workerd.mjs';

const requests = Number(process.env.REQUESTS ?? 200_000);
/** It ends by then, however slow the machine is. */
const seconds = 1_200;
const seed = Number(process.env.SEED ?? 1 + Math.floor(Math.random() * 1e9));
const MiB = 2 ** 20;

await main(async () => {
  await build();
  if (await handedToNewerNode()) return;
  const { soak } = await import('../tests/soak/soak.mjs');
  const samples = [];
  const watch = ({ asked, wrong }) => {
    samples.push([asked, memoryOf(workerd()) / MiB]);
    if (samples.length % 30 === 0) console.log(`${asked} asked, ${wrong.length} wrong, workerd has ${Math.round(samples.at(-1)[1])} MiB`);
  };
  console.log(`${requests} requests, SEED=${seed}`);
  const { asked, ambiguous, signIns, signOuts, replays, answers, changes, wrong, seconds: took } = await soak({ requests, seconds, seed, pace: 30, changesEvery: 4_000, watch });
  for (const one of wrong) console.log(JSON.stringify(one));
  console.log(`\n${asked} requests in ${Math.round(took)} s, ${wrong.length} wrong answers`);
  console.log(`${ambiguous} while a change spread: for these, old and new were right`);
  console.log(`${signIns} sign-ins, ${signOuts} sign-outs, ${replays} replayed responses`);
  console.log(`changes: ${JSON.stringify(changes)}`);
  console.log(`answers: ${JSON.stringify(answers)}`);
  const later = samples.slice(samples.length >> 1);
  console.log(`workerd: ${Math.round(Math.max(...samples.map(([, memory]) => memory)))} MiB at most, in the second half ${(slope(later) * 1e5).toFixed(1)} MiB more every 100 000 requests`);
  if (wrong.length > 0) process.exitCode = 1;
});

/** Of the straight line that is nearest to the points. */
function slope(points) {
  const mean = (at) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const sum = (of) => points.reduce((total, point) => total + of(point), 0);
  return sum(([a, b]) => (a - x) * (b - y)) / sum(([a]) => (a - x) ** 2);
}
