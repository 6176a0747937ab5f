import assert from 'node:assert/strict';
import { readForm } from '../http/browser.mjs';

/**
 * Signs in at the identity provider with name and password, as a browser does that comes from the
 * gate: follows its redirects, keeps its cookies, fills in its form. Gives the fields that its last
 * page would post to the gate, and where.
 */
export async function signInAt(idp, sent, person) {
  const cookies = new Map();

  async function go(url, form) {
    const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
    const body = form && new URLSearchParams(form);
    const answer = await fetch(url, { method: form ? 'POST' : 'GET', body, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    const to = answer.headers.get('location');
    if (to) return go(new URL(to, url));
    const page = await answer.text();
    assert.equal(answer.status, 200, `${url}\n${page}\n${idp.output()}`);
    const { action, fields } = readForm(page);
    return { action: new URL(action, url), fields };
  }

  const page = sent.location ? await go(new URL(sent.location)) : await go(sent.action, sent.fields);
  return go(page.action, { ...page.fields, username: person, password: person });
}
