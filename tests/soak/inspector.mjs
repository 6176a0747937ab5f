/** Speaks with one isolate over workerd's inspector: `call` asks, and `heard` is told of events. */
async function inspect(port, isolate, use, heard) {
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

const bytes = 'function () { return this.reduce((sum, { buffer }) => sum + buffer.byteLength, 0); }';

/** Bytes that an isolate holds in JavaScript and in wasm, once all its garbage is gone. */
function heldBy(port, isolate) {
  let context;
  const heard = ({ method, params }) => {
    if (method === 'Runtime.executionContextCreated') context = params.context.id;
  };
  const held = async (call) => {
    await call('Runtime.enable');
    await call('Runtime.discardConsoleEntries');
    const { result: prototype } = await call('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype', contextId: context });
    // This takes all garbage away first, at once: `HeapProfiler.collectGarbage` waits for a turn of
    // the isolate, and sometimes for ever. What is finalised then goes with the second.
    const query = () => call('Runtime.queryObjects', { prototypeObjectId: prototype.objectId });
    await query();
    const { objects } = await query();
    const { result: wasm } = await call('Runtime.callFunctionOn', { objectId: objects.objectId, functionDeclaration: bytes, returnByValue: true });
    const { usedSize, backingStorageSize } = await call('Runtime.getHeapUsage');
    return usedSize + backingStorageSize + wasm.value;
  };
  return inspect(port, isolate, held, heard);
}

/** Bytes that each isolate of a workerd holds, by its name. */
export async function heldByAll(port) {
  const isolates = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  return new Map(await Promise.all(isolates.map(async ({ id }) => [id, await heldBy(port, id)])));
}
