import assert from 'node:assert/strict';
import { request } from './request.mjs';

const html = 'text/html,application/xhtml+xml';

/**
 * What a browser does, without a browser: keeps cookies, follows nothing by itself, fills in forms.
 * HTTP clients keep no Secure cookie of http://localhost, as browsers do, hence a jar of our own.
 */
export class Browser {
  cookies = new Map();

  constructor({ base, idp }) {
    this.base = base;
    this.idp = idp;
  }

  /** A request to the gate; by default a navigation. */
  async go(path, { headers = {}, cookies = this.cookies, ...rest } = {}) {
    const cookie = cookies.size > 0 && { cookie: header(cookies) };
    const answer = await request(new URL(path, this.base), {
      ...rest,
      headers: { accept: html, 'sec-fetch-mode': 'navigate', ...cookie, ...headers },
    });
    for (const line of answer.headers.getSetCookie()) keep(this.cookies, line);
    return answer;
  }

  /** Asks for JSON, as a script does. */
  call(path, { headers = {}, ...rest } = {}) {
    return this.go(path, { headers: { accept: 'application/json', 'sec-fetch-mode': 'cors', ...headers }, ...rest });
  }

  async json(path, options) {
    return (await this.call(path, options)).json();
  }

  /** Asks for `path` and is sent to the identity provider: the fields of the AuthnRequest. */
  async begin(path = '/') {
    const answer = await this.go(path);
    if (answer.status === 302) {
      const to = new URL(answer.headers.get('location'));
      assert.equal(to.origin + to.pathname, `${this.idp.base}/sso`);
      return { binding: 'redirect', url: to, ...Object.fromEntries(to.searchParams) };
    }
    assert.equal(answer.status, 200, await answer.clone().text());
    const form = readForm(await answer.text());
    assert.equal(form.action, `${this.idp.base}/sso`);
    return { binding: 'post', ...form.fields };
  }

  /** Chooses a person at the identity provider: the form that goes back to the gate. */
  async choose(person, request) {
    const { binding, url, ...fields } = request;
    const page =
      binding === 'redirect'
        ? await fetch(url)
        : await fetch(`${this.idp.base}/sso`, { method: 'POST', body: new URLSearchParams(fields) });
    assert.equal(page.status, 200, await page.clone().text());
    const { fields: hidden } = readForm(await page.text());
    const sent = await fetch(`${this.idp.base}/sso/as`, {
      method: 'POST',
      body: new URLSearchParams({ ...hidden, person }),
    });
    return readForm(await sent.text()).fields;
  }

  /** Posts a response to the gate, as the identity provider's page makes a browser do. */
  post(fields, options = {}) {
    return this.go('/.access/acs', {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { origin: this.idp.base, 'sec-fetch-site': 'cross-site', ...options.headers },
      ...options,
    });
  }

  /** The whole way to `path`; the answer is the one to the posted response. */
  async signIn(person, path = '/') {
    return this.post(await this.choose(person, await this.begin(path)));
  }
}

/** Takes a `Set-Cookie` line into a jar. */
export function keep(cookies, line) {
  const [pair, ...attributes] = line.split(';').map((part) => part.trim());
  const at = pair.indexOf('=');
  const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
  const gone = attributes.some((one) => /^max-age=0$/i.test(one) || /^expires=.*1970/i.test(one));
  if (gone) cookies.delete(name);
  else cookies.set(name, value);
}

export const header = (cookies) => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'", '#34': '"', '#38': '&', '#60': '<', '#62': '>' };
const unescape = (text) => text.replace(/&([^;]+);/g, (whole, name) => entities[name] ?? whole);

/** The only form of a page: its action and its hidden fields. */
export function readForm(page) {
  const action = /<form[^>]*\baction="([^"]*)"/.exec(page);
  assert.ok(action, `no form in ${page}`);
  const fields = {};
  for (const [input] of page.matchAll(/<input[^>]*>/g)) {
    const of = (name) => unescape(new RegExp(`\\b${name}="([^"]*)"`).exec(input)?.[1] ?? '');
    fields[of('name')] = of('value');
  }
  return { action: unescape(action[1]), fields };
}
