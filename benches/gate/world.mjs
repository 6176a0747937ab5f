import { fork } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { people } from '../../demo/people.mjs';
import { Browser, header } from '../../tests/http/browser.mjs';
import { startStack } from '../../tests/http/stack.mjs';
import { root } from '../../tools/lib/paths.mjs';
import { freePort } from '../../tools/lib/servers.mjs';
import { logToFile } from '../../tools/lib/workerd.mjs';

const HMAC_KEY = randomBytes(32).toString('hex');
export const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

/** As long as the line of an allowed request. */
const LINE = JSON.stringify({ event: 'allowed', text: 'x'.repeat(220) });

/** The gate, workers to compare it with, and an application that does nothing, until `use` is done. */
export async function inWorld({ beside = {}, change, groups = [] }, use) {
  await logToFile('bench');
  for (const count of groups) {
    const more = Array.from({ length: count - 1 }, (_, at) => `Department ${at}`);
    people.push({ id: `in-${count}`, name: '', email: `in-${count}@example.com`, groups: ['HR', ...more] });
  }
  const origin = fork(join(root, 'benches/gate/origin.mjs'));
  const ends = [];
  try {
    const ORIGIN_URL = `http://localhost:${await new Promise((resolve) => origin.once('message', resolve))}`;
    const others = [];
    for (const [name, bindings] of Object.entries({ 'pass-through': {}, ...beside })) {
      const path = join(root, 'benches/gate', `${name.split(' ')[0]}.mjs`);
      others.push({ name, path, port: await freePort(), bindings: { ORIGIN_URL, HMAC_KEY, ...bindings } });
    }
    const stack = await startStack({ after: (end) => ends.push(end) }, { vars: { ORIGIN_URL }, beside: others, change });
    const port = Object.fromEntries(others.map(({ name, port }) => [name, port]));
    const signedIn = async (person) => {
      const browser = new Browser(stack);
      await browser.signIn(person, '/HR');
      return header(browser.cookies);
    };
    return await use({ gate: stack.port, port, signedIn, origin: ORIGIN_URL, idp: stack.idp });
  } finally {
    origin.kill();
    for (const end of ends) await end();
  }
}

/** The cookie of `hmac-cookie.mjs`. */
export function hmacCookie(claims) {
  const text = btoa(JSON.stringify(claims));
  return `session=${text}.${createHmac('sha256', Buffer.from(HMAC_KEY, 'hex')).update(text).digest('hex')}`;
}

export { LINE };
