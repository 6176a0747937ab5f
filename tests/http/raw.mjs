import { connect } from 'node:net';

/** Sends a request line and headers exactly as given: no client tidies the path or the names. */
export function raw(port, target, { method = 'GET', host = `localhost:${port}`, headers = [], body = '' } = {}) {
  return new Promise((resolve, reject) => {
    const lines = [`${method} ${target} HTTP/1.1`, `Host: ${host}`];
    if (!headers.some(([name]) => name.toLowerCase() === 'connection')) lines.push('Connection: close');
    for (const [name, value] of headers) lines.push(`${name}: ${value}`);
    const chunks = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`));
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      // An answer to a request without "Connection: close" leaves the socket open.
      if (complete(Buffer.concat(chunks))) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(parse(Buffer.concat(chunks))));
  });
}

function complete(bytes) {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const length = /^content-length: (\d+)/im.exec(text.slice(0, end));
  return end > 0 && (length ? bytes.length >= end + 4 + Number(length[1]) : text.endsWith('\r\n0\r\n\r\n'));
}

function parse(bytes) {
  const text = bytes.toString();
  const end = text.indexOf('\r\n\r\n');
  const [status, ...lines] = text.slice(0, end).split('\r\n');
  const headers = new Headers();
  for (const line of lines) headers.append(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim());
  let body = text.slice(end + 4);
  if (/chunked/i.test(headers.get('transfer-encoding') ?? '')) {
    let rest = body;
    body = '';
    for (;;) {
      const at = rest.indexOf('\r\n');
      const size = parseInt(rest.slice(0, at), 16);
      if (!(size > 0)) break;
      body += rest.slice(at + 2, at + 2 + size);
      rest = rest.slice(at + 4 + size);
    }
  }
  return { status: Number(status.split(' ')[1]), headers, body };
}
