/** Speaks with one isolate over workerd's inspector: `call` asks, `heard` is told of events. */
async function inspect(port, isolate, use, heard = () => {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${isolate}`);
  const asked = [];
  const opened = Promise.withResolvers();
  socket.onopen = opened.resolve;
  socket.onerror = () => opened.reject(new Error(`no inspector for ${isolate}`));
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    const { id, result, error } = message;
    if (id === undefined) heard(message);
    else if (error) asked[id].reject(new Error(`${isolate}: ${error.message}`));
    else asked[id].resolve(result);
  };
  const call = (method, params) => {
    const answer = Promise.withResolvers();
    socket.send(JSON.stringify({ id: asked.push(answer) - 1, method, params }));
    return answer.promise;
  };
  await opened.promise;
  try {
    return await use(call);
  } finally {
    socket.close();
  }
}

/** Takes garbage away. It is done when an isolate takes a turn, which `turn` waits for. */
async function collect(call, turn) {
  let over = false;
  const collected = call('HeapProfiler.collectGarbage').finally(() => (over = true));
  while (!over) await turn();
  await collected;
}

/** Takes garbage away from all isolates that take a turn soon: those at work. */
export async function collectEverywhere(port, soon) {
  const isolates = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  const one = ({ id }) => inspect(port, id, (call) => Promise.race([call('HeapProfiler.collectGarbage'), soon()]));
  await Promise.all(isolates.map(one));
}

/** Bytes that a worker's isolate holds in JavaScript and in wasm, without garbage. */
export function heldBy(port, worker, turn) {
  let context;
  const heard = ({ method, params }) => method === 'Runtime.executionContextCreated' && (context = params.context.id);
  const held = async (call) => {
    // What the first leaves to be finalised, the second takes away.
    await collect(call, turn);
    await collect(call, turn);
    const { usedSize, backingStorageSize } = await call('Runtime.getHeapUsage');
    await call('Runtime.enable');
    const memory = await call('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype', contextId: context });
    const { objects } = await call('Runtime.queryObjects', { prototypeObjectId: memory.result.objectId });
    const functionDeclaration = 'function () { return this.reduce((sum, { buffer }) => sum + buffer.byteLength, 0); }';
    const { result } = await call('Runtime.callFunctionOn', { objectId: objects.objectId, functionDeclaration, returnByValue: true });
    return usedSize + backingStorageSize + result.value;
  };
  return inspect(port, `core:user:${worker}`, held, heard);
}
