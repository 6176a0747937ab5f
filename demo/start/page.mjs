import { escape } from '../page.mjs';
import { people } from '../people.mjs';
import { script } from './script.mjs';
import { style } from './style.mjs';

const groups = ({ groups }) => (groups.length > 0 ? groups.map((group) => `<b>${escape(group)}</b>`).join(' ') : 'no group');

/** What each state of the policy file means. */
const states = {
  'in-force': 'In force',
  publishing: 'Checking and publishing …',
  refused: 'Not published: what was in force before still is',
};

/** What there is to say of an event that no request brought. */
const meanings = { keys: 'The Worker has started', 'release-seen': 'The Worker has read the policy' };

const stateOf = ({ state, seconds }) => states[state] + (seconds === undefined ? '' : `, ${seconds} s after it was saved`);

export const startPage = ({ gate, application, file, records, policy }, nonce) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vestibule on your machine</title>
<link rel="icon" href="data:,">
<style>${style}</style>
<header>
<h1>Vestibule on your machine</h1>
<p>An application without a login, and the gate in front of it. Open a page, sign in as somebody, and watch what the gate decides.</p>
<nav aria-label="The application, behind the gate">
<a class="door" href="${gate}/" target="_blank">Start</a>
<a class="door" href="${gate}/HR" target="_blank">/HR</a>
<a class="door" href="${gate}/IT" target="_blank">/IT</a>
<a href="${gate}/.access/whoami" target="_blank">Who am I?</a>
<a href="${gate}/.access/logout" target="_blank">Sign out</a>
<a href="${application}/HR" target="_blank">Around the gate</a>
</nav>
</header>
<main>
<section aria-labelledby="people">
<h2 id="people">The people</h2>
<ul class="people">
${people.map((one) => `<li><span>${escape(one.name)}</span><span class="groups">${groups(one)}</span></li>`).join('\n')}
</ul>
<p class="quiet">The sample identity provider asks which of them you are, and for no password.</p>
</section>
<section aria-labelledby="decisions" class="wide">
<h2 id="decisions">What the gate decides</h2>
<noscript><p class="quiet">Without scripts this list is new when you reload the page.</p></noscript>
<ol id="records" class="records" aria-live="polite" tabindex="0" aria-labelledby="decisions">${records.map(row).join('\n')}</ol>
<p id="nothing" class="quiet"${records.length > 0 ? ' hidden' : ''}>Nothing yet. Open <a href="${gate}/HR" target="_blank">/HR</a>.</p>
</section>
<section aria-labelledby="policy">
<h2 id="policy">The policy</h2>
<p><code>${escape(file)}</code> <span id="state" class="state ${policy.state}" role="status">${stateOf(policy)}</span></p>
<pre id="words" class="words ${policy.state}"${policy.words ? '' : ' hidden'}>${escape(policy.words)}</pre>
<pre id="text" tabindex="0">${escape(policy.text)}</pre>
<p class="quiet">Change the file and save it: it is checked and published, and the Worker is started anew to read it at once. At Cloudflare a change is in force within two minutes.</p>
</section>
</main>
<script nonce="${nonce}">${script({ states, meanings })}</script>
</html>
`;

/** One decision or event. */
function row(record) {
  const { time, event, person, method, path, rule, code, detail, release } = record;
  const asked = path === undefined ? (meanings[event] ?? '') : `${method ?? ''} ${path}`;
  const why = [rule && `by ${rule}`, release && `release ${release}`, code, detail].filter(Boolean).join(' · ');
  return `<li class="${escape(event)}"><time>${escape(time.slice(11, 19))}</time> <span class="event">${escape(event)}</span> <span class="asked">${escape(asked)}</span>
<span class="who">${escape(person ?? '')}</span> <span class="why">${escape(why)}</span></li>`;
}
