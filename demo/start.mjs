import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { listen } from './listen.mjs';
import { startPage as html } from './start/page.mjs';

/** Decisions that the page remembers. */
const kept = 50;

/**
 * The start page: the people, the policy, and what the gate decides, as it happens. `record` takes a
 * line of the gate's log, `setPolicy` what became of the policy file.
 */
export async function startStartPage({ gate, application, port = 0, file }) {
  const state = { gate, application, file, records: [], policy: { text: '', state: 'publishing', words: '' } };
  const readers = new Set();

  const server = createServer((request, response) => {
    if (request.method !== 'GET') return response.writeHead(405).end();
    if (request.url === '/events') return follow(request, response);
    if (request.url !== '/') return response.writeHead(404).end();
    const nonce = randomBytes(16).toString('base64');
    response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'nonce-${nonce}'; connect-src 'self'; frame-ancestors 'none'`,
      })
      .end(html(state, nonce));
  });

  function follow(request, response) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).flushHeaders();
    readers.add(response);
    request.on('close', () => readers.delete(response));
  }

  const tell = (event, data) => {
    for (const reader of readers) reader.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };

  const listening = await listen(server, port);
  return {
    base: `http://localhost:${listening.port}`,
    close: listening.close,
    record(line) {
      state.records = [line, ...state.records].slice(0, kept);
      tell('record', line);
    },
    setPolicy(policy) {
      state.policy = policy;
      tell('policy', policy);
    },
  };
}
