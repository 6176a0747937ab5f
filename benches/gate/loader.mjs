// Starts a fresh isolate for every number that is asked for.
import js from './index.js';
import wasm from './index_bg.wasm';

const ok = "export default { fetch: () => new Response('ok') };";
const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]).buffer;
const workers = {
  bare: { 'index.js': { js: ok } },
  trivial: { 'index.js': { js: `import wasm from './empty.wasm';\nnew WebAssembly.Instance(wasm);\n${ok}` }, 'empty.wasm': { wasm: empty } },
  gate: { 'index.js': { js }, 'index_bg.wasm': { wasm } },
};

export default {
  fetch(request, { LOADER, DATE }) {
    const [, name, number] = new URL(request.url).pathname.split('/');
    const code = { compatibilityDate: DATE, mainModule: 'index.js', modules: workers[name], env: {} };
    const worker = LOADER.get(`${name} ${number}`, () => code);
    // One of the gate's own files: what needs no documents, and so nothing but the isolate.
    return worker.getEntrypoint().fetch('http://localhost/.access/style.css');
  },
};
