import { createServer } from 'node:http';
import { listen } from './listen.mjs';
import { callerReader } from './app/caller.mjs';
import { echo, stream } from './app/echo.mjs';
import { known, messagePage, rolePage } from './app/pages.mjs';
import { style } from './page.mjs';

/**
 * The sample application. It has no login of its own: it believes the gate at `gate`, and answers
 * nothing but its public files to a request that does not carry the gate's assertion.
 */
export async function startApp({ gate, port = 0 }) {
  const app = { gate, requests: [] };
  let readCaller = callerReader(gate);

  async function answer(request, response) {
    app.requests.push(request.url);
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname === '/assets/style.css') return send(response, 200, style, 'text/css');
    if (url.pathname === '/assets/echo') return echo(request, response, url);

    let caller;
    try {
      caller = await readCaller(request.headers);
    } catch {
      return send(response, 403, messagePage('Not through the gate', 'The request carries no valid assertion.'));
    }
    if (url.pathname.endsWith('/echo')) return echo(request, response, url);
    if (url.pathname.endsWith('/stream')) return stream(request, response);
    const path = url.pathname.length > 1 ? url.pathname.replace(/\/$/, '') : '/';
    if (known(path)) return send(response, 200, rolePage(path, caller));
    send(response, 404, messagePage('Not found', 'The application has no such page.'));
  }

  const send = (response, status, body, type = 'text/html') =>
    response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(body);

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error));
  });
  const listening = await listen(server, port);
  return Object.assign(app, {
    base: `http://localhost:${listening.port}`,
    close: listening.close,
    useGate(base) {
      app.gate = base;
      readCaller = callerReader(base);
    },
  });
}
