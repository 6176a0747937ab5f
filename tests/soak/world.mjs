import { createHash, randomBytes } from 'node:crypto';
import { document, services } from './documents.mjs';

/** Seconds after which a change counts in every isolate, if reading took no time. */
const BOUND = 60;
/** Real seconds that a reading may be under way on a busy machine. */
const UNDER_WAY = 4;

/** The gate's seconds in which a change may or may not count. */
export const spread = ({ pace }) => BOUND + UNDER_WAY * pace;

/** Values of one document by the time in which a gate may have them. */
class Versions {
  #all = [];

  /** Lets `store` write the next value: from now on a gate may have it, and later it has no other. */
  async change(value, clock, store) {
    const last = this.#all.at(-1);
    this.#all.push({ value, from: clock.seconds(), until: Infinity });
    await store(value);
    if (last) last.until = clock.seconds() + spread(clock);
    if (this.#all.length > 50) this.#all.shift();
  }

  between(from, to) {
    return this.#all.filter((one) => one.from <= to && one.until >= from).map(({ value }) => value);
  }
}

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/** What is stored, what was stored, and who changes it. */
export function world({ die, clock, put, hosts, people }) {
  const policies = new Map(hosts.map((host) => [host, new Versions()]));
  const tokens = new Map(services.map((id) => [id, new Versions()]));
  const revoked = { document: { hosts: {}, people: {} }, entries: [] };
  const counts = { policies: 0, tokens: 0, revocations: 0 };
  /** Secrets that a machine may still try. */
  const secrets = new Map(services.map((id) => [id, []]));

  const store = (key) => (value) => put(key, JSON.stringify(value));

  async function changePolicy(host) {
    const today = new Date(clock.now()).toISOString().slice(0, 10);
    await policies.get(host).change(document(die, host, people, today), clock, store(`app/${host}`));
    counts.policies += 1;
  }

  async function changeToken(id) {
    const known = secrets.get(id);
    known.push({ secret: randomBytes(32).toString('base64url'), expires: clock.seconds() + die.pick([60, 900, 7_200]) });
    const hashed = (current) => current.map(({ secret, expires }) => ({ sha256: sha256(secret), expires }));
    await tokens.get(id).change(known.slice(-2), clock, (current) => store(`service/${id}`)({ name: id, secrets: hashed(current) }));
    counts.tokens += 1;
  }

  async function revoke() {
    const at = clock.seconds();
    const scope = die.pick([{ people: die.pick(people).email }, { people: die.pick(people).email }, { hosts: die.pick(hosts) }]);
    const [[kind, name]] = Object.entries(scope);
    revoked.document[kind][name] = at;
    const entry = { kind, name, at, from: at, sure: Infinity };
    revoked.entries.push(entry);
    await store('revoked')(revoked.document);
    entry.sure = clock.seconds() + spread(clock);
    counts.revocations += 1;
  }

  return {
    policies: (host, from, to) => policies.get(host).between(from, to),
    /** What a secret of a service may prove: the second in which it ends, or undefined. */
    proofs: (id, secret, from, to) =>
      tokens.get(id)?.between(from, to).map((current) => current.find((one) => one.secret === secret)?.expires) ?? [undefined],
    secrets: (id) => secrets.get(id),
    revocations: () => revoked.entries,
    counts,
    async begin() {
      for (const host of hosts) await changePolicy(host);
      for (const id of services) await changeToken(id);
    },
    /** One change, whatever it is. */
    change: () => {
      const dice = die.next();
      if (dice < 0.6) return changePolicy(die.pick(hosts));
      return dice < 0.8 ? changeToken(die.pick(services)) : revoke();
    },
  };
}
