/**
 * gzip finds again what stood at most 32 KiB before. Names the functions of a wasm that has no names so that,
 * in the order of their names, each is followed by the one that has most in common with it.
 */
export function nameByLikeness(wasm) {
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(wasm));
  const first = imports.filter(({ kind }) => kind === 'function').length;
  const names = [];
  chain(bodies(wasm)).forEach((body, place) => (names[body] = `${place}`.padStart(6, '0')));
  const entries = names.flatMap((name, body) => [...leb(first + body), ...text(name)]);
  const functions = section(1, [...leb(names.length), ...entries]);
  return Buffer.concat([wasm, Buffer.from(section(0, [...text('name'), ...functions]))]);
}

/** Functions are compared by the runs of so many bytes that they are made of. */
const run = 6;
/** What stands in more functions than this says nothing. */
const common = 100;

/** The places of bodies, each followed by the one that shares most runs with it. */
function chain(bodies) {
  const runs = bodies.map(runsOf);
  const having = new Map();
  runs.forEach((set, body) => {
    for (const bytes of set) {
      if (!having.has(bytes)) having.set(bytes, []);
      having.get(bytes).push(body);
    }
  });
  const left = new Set(bodies.keys());
  const chained = [];
  for (let body = 0; body !== undefined; ) {
    left.delete(body);
    chained.push(body);
    const shared = new Map();
    for (const bytes of runs[body]) {
      const bodies = having.get(bytes);
      if (bodies.length > common) continue;
      for (const other of bodies) if (left.has(other)) shared.set(other, (shared.get(other) ?? 0) + 1);
    }
    const [nearest] = [...shared].reduce((best, next) => (next[1] > best[1] ? next : best), [undefined, 0]);
    body = nearest ?? left.values().next().value;
  }
  return chained;
}

function runsOf(body) {
  const bytes = body.toString('latin1');
  const runs = new Set();
  for (let at = 0; at + run <= bytes.length; at++) runs.add(bytes.slice(at, at + run));
  return runs;
}

/** The bodies of the functions: what the code section holds. */
function bodies(wasm) {
  const found = [];
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const part = (length) => wasm.subarray(at, (at += length));
  while (at < wasm.length) {
    const isCode = wasm[at++] === 10;
    const length = number();
    if (!isCode) part(length);
    else for (let count = number(); count > 0; count--) found.push(part(number()));
  }
  return found;
}

function section(kind, content) {
  return [kind, ...leb(content.length), ...content];
}

function text(value) {
  return [...leb(value.length), ...Buffer.from(value)];
}

function leb(value) {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}
