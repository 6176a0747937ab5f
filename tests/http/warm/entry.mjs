// Stands in front of the built Worker in workerd and counts what it asks of the store, the ledger
// and WebCrypto. `http://counts.test/` tells, counts anew and stops the clock: nothing that is
// remembered gets old from then on. The Worker itself is what is deployed.
import gate from './index.js';

export * from './index.js';

let counts = {};
const counted = (what, method) => (...args) => {
  counts[what] = (counts[what] ?? 0) + 1;
  return method(...args);
};

/** The same object; each call of a method of its is counted. */
const watched = (object, what) =>
  new Proxy(object, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' && name !== 'constructor' ? counted(what, value.bind(target)) : value;
    },
  });

for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(crypto.subtle))) {
  const method = crypto.subtle[name];
  if (typeof method === 'function' && name !== 'constructor') {
    crypto.subtle[name] = counted('WebCrypto', method.bind(crypto.subtle));
  }
}

export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).hostname === 'counts.test') {
      const [told, now] = [counts, Date.now()];
      counts = {};
      Date.now = () => now;
      return Response.json(told);
    }
    return gate.fetch(request, { ...env, CONFIG: watched(env.CONFIG, 'CONFIG'), LEDGER: watched(env.LEDGER, 'LEDGER') }, ctx);
  },
};
