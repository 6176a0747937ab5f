import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../tools/lib/paths.mjs';
import { Browser, header, keep } from './browser.mjs';
import { request } from './request.mjs';
import { startStack } from './stack.mjs';

export const auth = 'https://auth.example.com';
export const app = 'https://app.example.com';
export const wiki = 'https://wiki.example.org';
export const alone = 'https://alone.example.com';

export const document = (origin, signIn, rules) => {
  const { hostname } = new URL(origin);
  return JSON.stringify({ name: hostname, hosts: [hostname], sign_in: { idps: ['sample'], ...signIn }, rules });
};

/** The documents of docs/many-hosts.md: the auth host's, and the wiki's. */
const examples = async () => {
  const page = await readFile(join(root, 'docs', 'many-hosts.md'), 'utf8');
  return [...page.matchAll(/^ *```json\n(.*?)```/gms)].map(([, text]) => text);
};

const open = [
  { path: '/assets/**', allow: 'signed-in' },
  { path: '/HR/**', allow: { group: 'HR' } },
];

/**
 * The gate before two applications that sign in at one auth host, and one that does so by itself.
 * Their addresses are as they would be deployed; only the socket is on loopback.
 */
export async function startHosts(t, { change = (all) => all, ...options } = {}) {
  const at = { auth_host: new URL(auth).hostname, idps: ['jumpcloud'] };
  const [authDocument, wikiDocument] = await examples();
  const stack = await startStack(t, {
    ...options,
    change: (all) =>
      change({
        ...all,
        'idp/jumpcloud': all['idp/sample'],
        'idp/okta': all['idp/sample'],
        'app/auth.example.com': authDocument,
        'app/app.example.com': document(app, at, open),
        'app/wiki.example.org': wikiDocument,
        'app/alone.example.com': document(alone, {}, open),
      }),
  });
  stack.idp.gate = auth;
  return stack;
}

/** A person before a browser that keeps the cookies of each host apart. */
export class Person {
  jars = new Map();
  /** How often the identity provider was asked. */
  asked = 0;

  constructor({ port, idp }) {
    Object.assign(this, { port, idp });
  }

  cookies(origin) {
    const { host } = new URL(origin);
    if (!this.jars.has(host)) this.jars.set(host, new Map());
    return this.jars.get(host);
  }

  /** One request; nothing is followed. */
  async go(url, { headers = {}, cookies = this.cookies(url), ...rest } = {}) {
    const { host, pathname, search } = new URL(url);
    const cookie = cookies.size > 0 && { cookie: header(cookies) };
    const answer = await request(`http://127.0.0.1:${this.port}${pathname}${search}`, {
      ...rest,
      headers: { host, accept: 'text/html', 'sec-fetch-mode': 'navigate', ...cookie, ...headers },
    });
    for (const line of answer.headers.getSetCookie()) keep(this.cookies(url), line);
    return answer;
  }

  /** Where a request is redirected to. */
  async location(url) {
    const answer = await this.go(url);
    assert.ok([302, 303].includes(answer.status), `${url}: ${answer.status} ${await answer.clone().text()}`);
    return new URL(answer.headers.get('location'), url).href;
  }

  /** Follows redirects to a page, or to the identity provider. */
  async follow(url) {
    for (let hops = 0; hops < 10; hops += 1) {
      if (url.startsWith(this.idp.base)) return { url };
      const answer = await this.go(url);
      const to = answer.headers.get('location') ?? refresh(await answer.clone().text());
      if (!to) return { url, answer };
      url = new URL(to, url).href;
    }
    throw new Error(`${url} redirects for ever`);
  }

  /** Answers as `name` at the identity provider, and goes on from there. */
  async signIn(url, name) {
    this.asked += 1;
    const to = new URL(url);
    const fields = Object.fromEntries(to.searchParams);
    const form = await Browser.prototype.choose.call(this, name, { binding: 'redirect', url: to, ...fields });
    // The POST comes from another site: of our cookies only those with SameSite=None go along.
    const login = [...this.cookies(auth)].filter(([cookie]) => cookie.startsWith('__Host-access-login-'));
    const answer = await this.go(`${auth}/.access/acs`, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { origin: this.idp.base, 'sec-fetch-site': 'cross-site' },
      cookies: new Map(login),
    });
    assert.equal(answer.status, 303, await answer.clone().text());
    return this.follow(new URL(answer.headers.get('location'), auth).href);
  }

  /** The whole way to a page, by the identity provider where it has to be. */
  async open(url, name = 'alice') {
    const came = await this.follow(url);
    return came.answer ? came : this.signIn(came.url, name);
  }

  /** A code for a host, on its way there. */
  async code(url) {
    const location = await this.location(await this.location(url));
    assert.match(location, /\/\.access\/hand-over\?code=/);
    return location;
  }
}

/** Where a page goes on to by itself. */
const refresh = (page) => /http-equiv="refresh" content="0; url=([^"]*)"/.exec(page)?.[1].replaceAll('&#38;', '&');

export const codeOf = (answer) => answer.headers.get('x-access-gate');
