import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { readBody } from '../listen.mjs';

/** What arrived, as it arrived: for the tests. `?status=` chooses the answer's status. */
export async function echo(request, response, url) {
  const body = await readBody(request, 64 << 20);
  response.writeHead(Number(url.searchParams.get('status') ?? 200), {
    'content-type': 'application/json',
    'x-from-application': 'echo',
  });
  response.end(
    JSON.stringify({
      method: request.method,
      url: request.url,
      headers: request.rawHeaders.reduce((list, text, at, all) => {
        if (at % 2 === 0) list.push([text.toLowerCase(), all[at + 1]]);
        return list;
      }, []),
      length: body.length,
      sha256: createHash('sha256').update(body).digest('hex'),
    }),
  );
}

/** Three pieces with pauses between them, so that a test can see each arrive before the next is sent. */
export async function stream(request, response) {
  response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-store' });
  for (const piece of ['one\n', 'two\n', 'three\n']) {
    response.write(piece);
    await pause(300);
  }
  response.end();
}
