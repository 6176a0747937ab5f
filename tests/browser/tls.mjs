import { connect } from 'node:net';
import { pipeline } from 'node:stream';
import { createServer } from 'node:tls';
import { newKeys } from '../../demo/idp/keys.mjs';
import { listen } from '../../demo/listen.mjs';
import { startChromium } from './chromium.mjs';

/** Puts TLS in front of a port, as Cloudflare does; with a certificate that nobody knows. */
async function startTls(t, port) {
  const server = createServer(await newKeys('*.example.com'), (socket) => {
    const inside = connect(port, '127.0.0.1');
    // Where one end breaks the other goes too.
    pipeline(socket, inside, socket, () => {});
  });
  // A TLS server has no closeAllConnections; Chromium keeps its idle connections for minutes.
  const sockets = new Set();
  server.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
  const closeAllConnections = () => sockets.forEach((socket) => socket.destroy());
  const { close, port: at } = await listen(Object.assign(server, { closeAllConnections }));
  t.after(close);
  return at;
}

/** Chromium that finds the hosts of example.com and example.org at a stack, over https. */
export async function startChromiumOverTls(t, stack, options = {}) {
  const port = await startTls(t, stack.port);
  const rules = ['com', 'org'].map((top) => `MAP *.example.${top} 127.0.0.1:${port}`).join(', ');
  return startChromium(t, { args: [`--host-resolver-rules=${rules}`], ignoreHTTPSErrors: true, ...options });
}
