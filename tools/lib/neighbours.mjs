/**
 * gzip finds again what stood at most 32 KiB before. Names the functions of a wasm that has no names so that,
 * in the order of their names, each is followed by the one that has most in common with those before it.
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
/** How many bytes back they are compared: fewer than gzip looks, for which what is near is cheaper. */
const near = 16 * 1024;
/** Added to a length, so that no short function comes next for a few runs. */
const short = 100;

/** The places of bodies, each followed by the one that has most runs for its length among those before it. */
function chain(bodies) {
  const runs = bodies.map(runsOf);
  const having = new Map();
  runs.forEach((set, body) => {
    for (const bytes of set) {
      if (!having.has(bytes)) having.set(bytes, []);
      having.get(bytes).push(body);
    }
  });

  // How often each run stands in what is near, and how many of its runs a body has there.
  const times = new Map();
  const shared = new Uint32Array(bodies.length);
  const count = (body, change) => {
    for (const bytes of runs[body]) {
      const before = times.get(bytes) ?? 0;
      times.set(bytes, before + change);
      if (before === 0 || before + change === 0) for (const other of having.get(bytes)) shared[other] += change;
    }
  };

  const likeness = (body) => shared[body] / (runs[body].size + short);
  const left = new Set(bodies.keys());
  const chained = [];
  let first = 0;
  let length = 0;
  while (left.size > 0) {
    const next = [...left].reduce((best, body) => (likeness(body) > likeness(best) ? body : best));
    left.delete(next);
    chained.push(next);
    count(next, 1);
    length += bodies[next].length;
    for (; length > near && chained[first] !== next; first++) {
      count(chained[first], -1);
      length -= bodies[chained[first]].length;
    }
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
