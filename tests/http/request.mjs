import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const nullBody = [204, 205, 304];

/**
 * Like fetch, but without its own opinion about headers: fetch says of every request that it is a
 * script's (Sec-Fetch-Mode), follows redirects and unpacks answers.
 */
export async function request(url, { method = 'GET', headers = {}, body } = {}) {
  const { bytes, stream, type } = await payload(body);
  const all = { ...(type && { 'content-type': type }), ...(bytes && { 'content-length': bytes.length }), ...headers };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method, headers: all, agent: false, maxHeaderSize: 128 * 1024 }, (incoming) => {
      const received = new Headers();
      for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
        received.append(incoming.rawHeaders[at], incoming.rawHeaders[at + 1]);
      }
      const empty = nullBody.includes(incoming.statusCode);
      if (empty) incoming.resume();
      resolve(new Response(empty ? null : Readable.toWeb(incoming), { status: incoming.statusCode, headers: received }));
    });
    outgoing.on('error', reject);
    if (stream) pipeline(stream, outgoing).catch(reject);
    else outgoing.end(bytes);
  });
}

async function payload(body) {
  if (body === undefined) return {};
  if (body instanceof ReadableStream) return { stream: Readable.fromWeb(body) };
  const whole = new Response(body);
  return { bytes: Buffer.from(await whole.arrayBuffer()), type: whole.headers.get('content-type') };
}
