// What Rust would do in many steps, each of which crosses between wasm and JavaScript: in one.
import { originUnreachable } from 'gate';

/** Method, URL, cookies, Cloudflare's id of the request and the names of all headers, a line each. None of them can hold a line end. */
export function head({ method, url, headers }) {
  return `${method}\n${url}\n${headers.get('cookie') ?? ''}\n${headers.get('cf-ray') ?? ''}\n${[...headers.keys()]}`;
}

const noStore = { cache: 'no-store' };

/**
 * Sends a request on. The runtime's own request is handed over, so that method, body and whatever
 * else it has stay as they are and stream. `remove` and `cookies` hold a line for each, `set` one
 * for each name and one for its value.
 *
 * Cloudflare's cache knows no identity: what was answered to one person must not go to another.
 */
export function forward(request, env, url, remove, set, personal, cookies) {
  const outgoing = new Request(url, request);
  const { headers } = outgoing;
  if (remove) for (const name of remove.split('\n')) headers.delete(name);
  if (set) {
    const lines = set.split('\n');
    for (let at = 0; at < lines.length; at += 2) headers.set(lines[at], lines[at + 1]);
  }
  const sent = personal ? fetch(outgoing, noStore) : fetch(outgoing);
  const answer = cookies ? sent.then((response) => withCookies(response, cookies)) : sent;
  return answer.catch((error) => originUnreachable(request, env, error));
}

/**
 * Writes a point into Analytics Engine, and waits for nothing. What goes wrong there is returned, and
 * stops no request.
 */
export function count(dataset, lines) {
  const blobs = lines.split('\n');
  try {
    // An index has 96 bytes at most.
    dataset.writeDataPoint({ indexes: [blobs[0].slice(0, 96)], blobs });
    return '';
  } catch (error) {
    return `${error}`;
  }
}

/** The same answer with more cookies. A WebSocket can't be handed on twice, and goes as it is. */
function withCookies(response, cookies) {
  if (response.webSocket || response.status === 101) return response;
  const answer = new Response(response.body, response);
  for (const cookie of cookies.split('\n')) answer.headers.append('set-cookie', cookie);
  return answer;
}
