import { escape, page } from '../page.mjs';
import { people } from '../people.mjs';

const hidden = (fields) =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escape(value)}">`)
    .join('');

const groups = (person) => person.groups.join(' and ') || 'no group';

export const choosePage = (fields) =>
  page(
    'Sample identity provider',
    `<h1>Who are you today?</h1>
<p class="quiet">This is the sample identity provider. It asks for no password.</p>
<form class="people" method="post" action="/sso/as">${hidden(fields)}
${people
  .map((one) => `<button name="person" value="${one.id}">${escape(one.name)} <span>${escape(groups(one))}</span></button>`)
  .join('\n')}
</form>`,
  );

export const sendPage = (action, fields, nonce) =>
  page(
    'Signing in',
    `<h1>Signing you in</h1>
<form method="post" action="${escape(action)}">${hidden(fields)}
<noscript><p>Without scripts, one more step:</p><button>Continue</button></noscript>
</form>
<script nonce="${nonce}">document.forms[0].submit()</script>`,
  );

export const problemPage = (message) =>
  page('Sample identity provider', `<h1>That did not work</h1><p>${escape(message)}</p>`);
