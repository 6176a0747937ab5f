// What Cloudflare calls: a plain object, because a class is made anew for every request.
import * as gate from 'gate';
import { DurableObject } from 'cloudflare:workers';

export default {
  fetch: gate.fetch,
  scheduled: gate.scheduled,
};

export class Ledger extends DurableObject {
  fetch(request) {
    return gate.ledger(this.ctx, request);
  }
}
