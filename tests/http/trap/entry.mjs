// Stands in front of the built Worker in workerd and lets its wasm instance trap in earnest: its own
// allocator is given back what lies beyond its memory. `http://traps.test/` lets the next call do so, and
// tells how many instances there were. The Worker itself is what is deployed.
let trapsNext = false;
let instances = 0;

const Instance = WebAssembly.Instance;
WebAssembly.Instance = function (module, imports) {
  const { exports } = new Instance(module, imports);
  instances += 1;
  const fetch = (...args) => {
    if (trapsNext) {
      trapsNext = false;
      exports.__wbindgen_free(0xffff_0000, 16, 4);
    }
    return exports.fetch(...args);
  };
  return { exports: { ...exports, fetch } };
};

const gate = await import('./index.js');

export const { Ledger } = gate;

export default {
  fetch(request, env, context) {
    if (new URL(request.url).hostname === 'traps.test') {
      trapsNext = true;
      return new Response(`${instances}`);
    }
    return gate.default.fetch(request, env, context);
  },
};
