import { escape, page } from '../page.mjs';

const titles = {
  '/': ['The intranet', 'Everybody who is signed in sees this page.'],
  '/HR': ['HR', 'Payroll, holidays and the summer party.'],
  '/IT': ['IT', 'Passwords, printers and the big red switch.'],
};

const stylesheet = '<link rel="stylesheet" href="/assets/style.css">';

export const known = (path) => Object.hasOwn(titles, path);

export function rolePage(path, caller) {
  const [title, text] = titles[path];
  return page(
    title,
    `<h1>${title}</h1>
<p class="quiet">${text}</p>
<dl>
<dt>You are</dt><dd id="email">${escape(caller.email ?? caller.subject)}</dd>
<dt>Groups</dt><dd id="groups">${escape(caller.groups.join(', ') || 'none')}</dd>
<dt>Proof</dt><dd>signed by the gate, valid until ${new Date(caller.claims.exp * 1000).toISOString()}</dd>
</dl>
<nav><a href="/">Start</a><a href="/HR">HR</a><a href="/IT">IT</a><a href="/.access/logout">Sign out</a></nav>`,
    stylesheet,
  );
}

export const messagePage = (title, text) =>
  page(title, `<h1>${escape(title)}</h1><p>${escape(text)}</p>`, stylesheet);
