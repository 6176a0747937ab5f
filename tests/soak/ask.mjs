import { Pool } from 'undici';

/** One gate as the soak test sees it: its address, the keys that it has, the newest first. */
export const gateAt = (name, port, keys, clock) => ({ name, pool: new Pool(`http://127.0.0.1:${port}`, { connections: 16 }), keys, clock, asked: 0 });

const first = (value) => (Array.isArray(value) ? value[0] : value);

/** One request to a host, and what there is to know of its answer. `from` and `to` are the gate's time. */
export async function ask({ pool, clock }, host, path, headers = {}, method = 'GET', body) {
  const from = clock.now();
  const answer = await pool.request({ path, method, headers: { host, ...headers }, body });
  const text = await answer.body.text();
  const to = clock.now();
  const cookies = [answer.headers['set-cookie'] ?? []].flat().map((line) => {
    const pair = line.split(';')[0];
    return [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
  });
  const { location, 'x-access-gate': code, 'x-told': told } = answer.headers;
  return { from, to, status: answer.statusCode, code, location: first(location), told: told && JSON.parse(told), cookies, text };
}
