import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export const setup = readFileSync(process.argv[2], 'utf8');

/** Answers each line `FILE SECONDS` with how often `check` ran on that file in that time. */
export async function contend(check) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [file, seconds] = line.split(' ');
    const field = readFileSync(file, 'utf8');
    const outcome = await check(field);
    const begun = performance.now();
    const end = begun + seconds * 1000;
    let count = 0;
    for (; performance.now() < end; count += 1) await check(field);
    console.log(JSON.stringify({ count, seconds: (performance.now() - begun) / 1000, outcome }));
  }
}
