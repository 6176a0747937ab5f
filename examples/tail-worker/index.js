/**
 * Keeps the gate's log in R2: what one batch of requests logged, as NDJSON, in one object under the
 * day. `vestibule log` and `vestibule report` read it.
 */
export default {
  async tail(traces, env) {
    const lines = traces.flatMap(({ logs }) => logs.map(({ message }) => message[0])).filter(isRecord);
    if (lines.length === 0) return;
    const name = `${new Date().toISOString().replace('T', '/')}-${crypto.randomUUID()}.ndjson`;
    await env.RECORDS.put(name, `${lines.join('\n')}\n`);
  },
};

/** Whether a message is a line of the gate, and not one of the runtime. */
function isRecord(message) {
  try {
    return typeof JSON.parse(message).event === 'string';
  } catch {
    return false;
  }
}
