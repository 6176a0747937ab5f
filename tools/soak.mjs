import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { build } from './build.mjs';
import { handedToNewerNode } from './lib/node.mjs';
import { main } from './lib/step.mjs';
import { logToFile, memoryOf, workerd } from './lib/workerd.mjs';

const requests = Number(process.env.REQUESTS ?? 200_000);
/** It ends by then, however slow the machine is. */
const seconds = 3_600;
const seed = Number(process.env.SEED ?? 1 + Math.floor(Math.random() * 1e9));
/** The part of all answers for which there must have been one right one only. */
const STRICT = 0.75;

const mebi = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

await main(async () => {
  await build();
  if (await handedToNewerNode()) return;
  const { soak } = await import('../tests/soak/soak.mjs');
  const { STEADY } = await import('../tests/soak/memory.mjs');
  const { faultOf } = await import('../tests/http/record.mjs');
  const log = await logToFile('soak');
  let [heard, started] = [0, performance.now()];
  const watch = ({ asked, wrong }) => {
    if (performance.now() < heard + 30_000) return;
    heard = performance.now();
    console.log(`${Math.round((heard - started) / 1_000)} s: ${asked} asked, ${wrong.length} wrong, workerd has ${mebi(memoryOf(workerd()))}`);
  };
  console.log(`${requests} requests, SEED=${seed}`);
  const { asked, ambiguous, signIns, signOuts, replays, answers, changes, wrong, memory, seconds: took } = await soak({ requests, seconds, seed, pace: 30, changesEvery: 4_000, looks: 30, watch });
  for (const one of wrong) console.log(JSON.stringify(one));
  const strict = (asked - ambiguous) / asked;
  console.log(`\n${asked} requests in ${Math.round(took)} s, ${wrong.length} wrong answers`);
  console.log(`${(strict * 100).toFixed(1)} % had one right answer; for the others, while a change spread, old and new were right`);
  console.log(`${signIns} sign-ins, ${signOuts} sign-outs, ${replays} replayed responses`);
  console.log(`changes: ${JSON.stringify(changes)}`);
  console.log(`answers: ${JSON.stringify(answers)}`);

  console.log('\nHeld without garbage, in JavaScript and wasm, and how much more than after the first third of the looks:');
  for (const { name, bytes, more, requests: of } of memory.isolates) console.log(`  ${name}: ${mebi(bytes)}, ${mebi(more)} more after ${of} requests`);
  console.log(`  ${Math.round(memory.more.each)} bytes a request; ${STEADY.each} are allowed`);
  const { bytes, more, requests: of } = memory.whole;
  console.log(`All of workerd, with what miniflare runs in it: ${mebi(bytes)}, ${mebi(more)} more after ${of} requests`);
  console.log(`  ${Math.round(memory.more.whole)} bytes a request; ${STEADY.whole} are allowed`);

  const lines = { read: 0, faults: [] };
  for await (const line of createInterface({ input: createReadStream(log) })) {
    const { message } = JSON.parse(line);
    if (message.includes('; wdErrId = ')) continue;
    const fault = faultOf(message);
    lines.read += 1;
    if (fault) lines.faults.push(fault);
  }
  console.log(`${lines.read} lines in the log, ${lines.faults.length} that the schema does not have`);
  for (const fault of lines.faults.slice(0, 20)) console.log(fault);

  const faults = [
    ...(lines.faults.length > 0 ? ['the log is not as it should be'] : []),
    ...(wrong.length > 0 ? ['there are wrong answers'] : []),
    ...(asked < requests ? ['not all was asked'] : []),
    ...(strict < STRICT ? ['too few answers were checked strictly'] : []),
    ...(memory.steady ? [] : ['memory is not steady']),
  ];
  console.log(faults.length > 0 ? `\nFailed: ${faults.join(', ')}.` : '\nAll is well.');
  if (faults.length > 0) process.exitCode = 1;
});
