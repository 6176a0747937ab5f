// Stands in front of the built Worker in workerd and hands it bindings that fail as they are told.
// The Worker itself is what is deployed. `http://faults.test/` takes what is wrong from now on.
import Gate from './index.js';
import { WorkerEntrypoint } from 'cloudflare:workers';

export * from './index.js';

/** `faults` of bindings, and a `clock` that showed `to` at `from` and has gone `pace` times as fast since. */
let now = { faults: [], clock: { from: 0, to: 0, pace: 1 } };

const realNow = Date.now;
Date.now = () => {
  const { from, to, pace } = now.clock;
  return to + (realNow() - from) * pace;
};

// Timers run ten times as fast, so that no test waits long for what hangs.
const realTimeout = globalThis.setTimeout;
globalThis.setTimeout = (run, ms, ...rest) => realTimeout(run, ms / 10, ...rest);

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls a binding, or does instead what the fault for it says. `part` is a key or a path. */
function call(binding, part, through) {
  const fault = now.faults.find(({ on, at }) => on === binding && (at === undefined || part?.startsWith(at)));
  if (!fault) return through();
  const ways = {
    throw() {
      throw new Error(`${binding} threw`);
    },
    reject: () => Promise.reject(new Error(`${binding} rejected`)),
    hang: () => wait(600_000),
    late: async () => {
      await through();
      return wait(600_000);
    },
    slow: () => wait(fault.ms).then(through),
    old: () => Promise.all([through(), wait(fault.ms)]).then(([answer]) => answer),
    cut: async () => (await through())?.slice(0, 40) ?? null,
    value: async () => fault.value,
    answer: async () => new Response(fault.body, { status: fault.status }),
  };
  return ways[fault.how]();
}

/** The same object, with some of its methods wrapped. */
const wrapped = (object, wrap) =>
  new Proxy(object, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' && name !== 'constructor' ? wrap(name, value.bind(target)) : value;
    },
  });

const store = (kv) => wrapped(kv, (name, method) => (key, ...rest) => call('CONFIG', key, () => method(key, ...rest)));

const book = (stub) =>
  wrapped(stub, (name, method) =>
    name === 'fetch' ? (request) => call('LEDGER', new URL(request.url).pathname, () => method(request)) : method,
  );

const ledger = (namespace) =>
  wrapped(namespace, (name, method) =>
    ['get', 'getByName'].includes(name) ? (...args) => book(method(...args)) : method,
  );

const limiter = (limit) => wrapped(limit, (name, method) => (...args) => call('LOGIN_LIMIT', undefined, () => method(...args)));

function faulty(env) {
  const { CONFIG, LEDGER, LOGIN_LIMIT } = env;
  return {
    ...env,
    ...(CONFIG && { CONFIG: store(CONFIG) }),
    ...(LEDGER && { LEDGER: ledger(LEDGER) }),
    ...(LOGIN_LIMIT && { LOGIN_LIMIT: limiter(LOGIN_LIMIT) }),
  };
}

/** The Worker's own handlers. */
const gate = ({ ctx, env }) =>
  typeof Gate === 'function'
    ? new Gate(ctx, faulty(env))
    : { fetch: (request) => Gate.fetch(request, faulty(env), ctx), scheduled: (event) => Gate.scheduled(event, faulty(env), ctx) };

export default class extends WorkerEntrypoint {
  async fetch(request) {
    if (new URL(request.url).hostname === 'faults.test') {
      now = await request.json();
      return new Response();
    }
    return gate(this).fetch(request);
  }

  scheduled(event) {
    return gate(this).scheduled(event);
  }
}
