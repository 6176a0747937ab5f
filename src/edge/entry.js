// What Cloudflare calls: a plain object, because a class is made anew for every request.
import * as gate from 'gate';
import { DurableObject } from 'cloudflare:workers';

export default {
  fetch: gate.fetch,
  scheduled: gate.scheduled,
};

/** Of Rust's object nothing is kept: it would not outlive the wasm instance, which ends with a trap. */
export class Ledger extends DurableObject {
  async fetch(request) {
    const ledger = new gate.Ledger(this.ctx, this.env);
    try {
      return await ledger.fetch(request);
    } finally {
      ledger.free();
    }
  }
}
