import { memoryOf, workerd } from '../../tools/lib/workerd.mjs';
import { heldByAll } from './inspector.mjs';

/** Bytes that an isolate may hold more after each request, as it remembers those who are new, and all of workerd. What leaks with each request is several times as large. */
export const STEADY = { each: 256, whole: 512 };

/** Looks at the memory of isolates from time to time, and says how steady it is. */
export function memory(inspector) {
  const seen = new Map();
  const whole = [];
  return {
    /** Notes what gates hold, and what workerd has after so many requests to all of them. */
    async look(gates, requests) {
      const held = await heldByAll(inspector);
      for (const { name, asked } of gates) {
        if (!seen.has(name)) seen.set(name, []);
        seen.get(name).push({ requests: asked, bytes: held.get(`core:user:${name}`) });
      }
      whole.push({ requests, bytes: memoryOf(workerd()) });
    },
    report() {
      const isolates = [...seen].filter(([, looks]) => looks.length > 3).map(([name, looks]) => ({ name, ...growth(looks) }));
      const sum = (what) => isolates.reduce((all, one) => all + one[what], 0);
      const all = growth(whole);
      const more = { each: sum('more') / sum('requests'), whole: all.more / all.requests };
      const steady = more.each < STEADY.each && more.whole < STEADY.whole;
      return { isolates, whole: all, more, steady };
    },
  };
}

/** How much more the last look found than one after the first third of them, in which all is read and remembered for the first time. */
function growth(looks) {
  const [first, last] = [looks[Math.ceil(looks.length / 3)], looks.at(-1)];
  return { requests: last.requests - first.requests, bytes: last.bytes, more: last.bytes - first.bytes };
}
