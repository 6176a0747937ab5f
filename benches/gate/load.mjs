import { readFileSync, readdirSync } from 'node:fs';
import { Pool } from 'undici';
import { workerd } from '../../tools/lib/workerd.mjs';

const connections = 16;

/** One thing that is asked for over and over: its connections are kept, as browsers keep theirs. */
export class Variant {
  samples = [];

  constructor(name, port, path, headers, status = 200) {
    Object.assign(this, { name, port, path, headers, status });
    this.pool = new Pool(`http://localhost:${port}`, { connections, pipelining: 1 });
  }

  /** Requests a second, and microseconds of workerd's processor time a request. */
  async load(seconds) {
    const pid = workerd();
    const { path, headers, status } = this;
    const [start, before] = [performance.now(), cpu(pid)];
    let count = 0;
    const client = async () => {
      while (performance.now() < start + seconds * 1000) {
        const answer = await this.pool.request({ path, method: 'GET', headers });
        if (answer.statusCode !== status) throw new Error(`${this.name}: ${answer.statusCode} instead of ${status}`);
        await answer.body.dump();
        count += 1;
      }
    };
    await Promise.all(Array.from({ length: connections }, client));
    return { rate: (count * 1000) / (performance.now() - start), cpu: (cpu(pid) - before) / count };
  }
}

/** Seconds after which V8 has compiled what is asked for often, wasm too, for a second time and well. */
const warmUp = 10;

/** Warms all variants up, then asks for each in turn, round by round: what the machine does besides falls on all alike. */
export async function measure(variants, { rounds, seconds }) {
  for (const variant of variants) await variant.load(warmUp);
  for (let round = 0; round < rounds; round += 1) {
    for (const variant of variants) variant.samples.push(await variant.load(seconds));
  }
  for (const { pool } of variants) await pool.close();
}

/** Microseconds of processor time of all its threads. */
function cpu(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]));
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1000;
}
