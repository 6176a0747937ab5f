import { createServer } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { listen } from '../../demo/listen.mjs';

const text = 'All work and no play. '.repeat(400);
/** A file of which any range can be told from any other. */
const file = Buffer.from(Array.from({ length: 60_000 }, (_, at) => (at * 7919) >> 3));
const etag = '"v1"';
const cors = { 'access-control-allow-origin': 'https://other.example', 'access-control-allow-credentials': 'true' };

/** One range, several, or the whole file (RFC 9110 14). */
function sendFile({ headers, method }, response) {
  const common = { 'accept-ranges': 'bytes', etag, 'content-type': 'application/octet-stream', 'last-modified': 'Tue, 24 Nov 2026 00:00:00 GMT' };
  const current = headers['if-range'] === undefined || headers['if-range'] === etag;
  const wanted = current ? [...(headers.range ?? '').matchAll(/(\d+)-(\d*)/g)].map(([, from, to]) => [Number(from), to ? Number(to) : file.length - 1]) : [];
  if (headers['if-none-match'] === etag) return response.writeHead(304, { etag, 'cache-control': 'max-age=5' }).end();
  if (wanted.some(([from]) => from >= file.length)) {
    return response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
  }
  const part = ([from, to]) => file.subarray(from, to + 1);
  const range = ([from, to]) => `bytes ${from}-${to}/${file.length}`;
  if (wanted.length === 0) {
    response.writeHead(200, { ...common, 'content-length': file.length });
    return response.end(method === 'HEAD' ? undefined : file);
  }
  if (wanted.length === 1) {
    const [only] = wanted;
    return response.writeHead(206, { ...common, 'content-range': range(only), 'content-length': part(only).length }).end(part(only));
  }
  const parts = wanted.flatMap((one) => [`--next\r\nContent-Range: ${range(one)}\r\n\r\n`, part(one), '\r\n']);
  const body = Buffer.concat([...parts, '--next--\r\n'].map((piece) => Buffer.from(piece)));
  response.writeHead(206, { ...common, 'content-type': 'multipart/byteranges; boundary=next', 'content-length': body.length }).end(body);
}

const compressed = (encoding, compress) => (_, response) => {
  const body = compress(text);
  const headers = { 'content-encoding': encoding, 'content-type': 'text/plain', 'content-length': body.length, vary: 'Accept-Encoding', etag: 'W/"c"' };
  response.writeHead(200, headers).end(body);
};

const answers = {
  '/file': sendFile,
  '/gzip': compressed('gzip', gzipSync),
  '/br': compressed('br', brotliCompressSync),
  '/deflate': compressed('deflate', deflateSync),
  '/zstd-by-name-only': compressed('zstd', gzipSync),
  '/gzip-chunked': (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    const body = gzipSync(text);
    response.write(body.subarray(0, 20));
    response.end(body.subarray(20));
  },
  '/length': (_, response) => response.writeHead(200, { 'content-length': 5 }).end('hello'),
  '/chunked': (_, response) => {
    response.write('one');
    response.end('two');
  },
  '/empty': (_, response) => response.writeHead(200, { 'content-length': 0 }).end(),
  '/empty-chunked': (_, response) => response.writeHead(200, { 'transfer-encoding': 'chunked' }).end(),
  '/until-closed': (_, response) => {
    response.socket.end('HTTP/1.1 200 OK\r\nX-Length: none\r\nConnection: close\r\n\r\nuntil the end');
  },
  '/no-type': (_, response) => response.writeHead(200).end('<p>what am I'),
  '/reason': (_, response) => response.writeHead(299, 'Quite Unusual', { 'content-length': 2 }).end('ok'),
  '/cookies': (_, response) =>
    response.writeHead(200, { 'set-cookie': ['a=1; Path=/; HttpOnly', 'b=2, with a comma; Expires=Wed, 09 Jun 2027 10:18:14 GMT', 'a=3; Secure; SameSite=None'] }).end(),
  '/headers': (_, response) =>
    response
      .writeHead(200, [
        ...['Cache-Control', 'public, max-age=600, s-maxage=60', 'Expires', 'Wed, 09 Jun 2027 10:18:14 GMT', 'Age', '3', 'Vary', 'Cookie', 'Vary', 'Accept'],
        ...['Link', '</a>; rel=preload', 'Link', '</b>; rel=preload', 'Content-Security-Policy', "default-src 'self'", 'X-Frame-Options', 'DENY'],
        ...['Strict-Transport-Security', 'max-age=1', 'Server', 'odd/1.0', 'X-Empty', '', 'X-Odd', `!"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~`, 'WWW-Authenticate', 'Basic realm="x"'],
        ...['X-Latin', 'caf\u00e9', 'Content-Disposition', `attachment; filename="a b.txt"; filename*=UTF-8''%e2%82%ac`, 'X-Big', 'x'.repeat(16_000), 'Content-Language', 'de'],
        ...['X-Access-Something', 'of its own', 'Refresh', '5; url=/x', 'Access-Control-Allow-Origin', '*', 'Server-Timing', 'db;dur=53', 'Alt-Svc', 'h3=":443"'],
      ])
      .end('ok'),
  '/cors': (_, response) => response.writeHead(200, cors).end('ok'),
};

/** What no runtime has to hand on. */
const besides = {
  '/hints': (_, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => response.end('late'));
  },
  '/trailers': (_, response) => {
    response.writeHead(200, { trailer: 'X-Sum' });
    response.write('body');
    response.addTrailers({ 'X-Sum': '42' });
    response.end();
  },
};

/** Answers `/status/<code>` and `/redirect/<code>?<location>`, says what it got at `/echo`, and the above. */
export async function startApplication(t) {
  const server = createServer({ maxHeaderSize: 128 * 1024 }, (request, response) => {
    const path = request.url.split('?')[0].replace(/^\/(app|open)/, '');
    const [, kind, code] = path.split('/');
    if (kind === 'status') return response.writeHead(Number(code), { etag, 'x-from': 'application', 'cache-control': 'no-cache' }).end([204, 304].includes(Number(code)) ? undefined : `body of ${code}`);
    if (kind === 'redirect') return response.writeHead(Number(code), { location: decodeURIComponent(request.url.split('?')[1]) }).end('moved');
    if (kind === 'echo') return echo(request, response);
    const answer = answers[path] ?? besides[path];
    if (answer) return answer(request, response);
    response.writeHead(404, { 'content-type': 'text/plain' }).end('no such page');
  });
  server.on('checkContinue', (request, response) => {
    request.continued = true;
    response.writeContinue();
    server.emit('request', request, response);
  });
  const listening = await listen(server);
  t.after(listening.close);
  return { base: `http://127.0.0.1:${listening.port}`, port: listening.port };
}

/** What arrived, byte for byte. */
function echo(request, response) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const headers = request.rawHeaders.reduce((list, one, at, all) => (at % 2 ? list : [...list, [one, all[at + 1]]]), []);
    const body = Buffer.concat(chunks).toString('latin1');
    const got = { method: request.method, url: request.url, httpVersion: request.httpVersion, headers, body, trailers: request.rawTrailers, continued: request.continued };
    const json = JSON.stringify(got);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) }).end(json);
  });
}

export const paths = Object.keys(answers);
