import { forge } from '../http/forge.mjs';
import { ask } from './ask.mjs';

const instant = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** Who signs in where, and with what they come back: sessions, as a browser has them. */
export function people({ die, idp, clock, groups, count }) {
  const all = Array.from({ length: count }, (_, at) => ({
    email: `person${at}@${at % 5 ? 'example.com' : 'other.example'}`,
    groups: [],
  }));
  const shuffle = (person) => (person.groups = groups.filter(() => die.chance(0.3)));
  all.forEach(shuffle);

  /** The whole way: the session, and the response that began it; or what went wrong. */
  async function signIn(person, host, gate) {
    // Whoever signs in anew may be in other groups by then.
    if (die.chance(0.3)) shuffle(person);
    const facts = { email: person.email, groups: [...person.groups] };
    const start = await ask(gate, host, '/.access/login?to=/', { accept: 'text/html', 'sec-fetch-mode': 'navigate' });
    if (start.status !== 302) return { wrong: start };
    const cookie = start.cookies.map(([name, value]) => `${name}=${value}`).join('; ');
    const to = new URL(start.location);
    const acs = `https://${host}/.access/acs`;
    const id = await idp.idOf(to.searchParams.get('SAMLRequest'));
    const answeredAt = clock.now();
    const ahead = answeredAt - Date.now();
    const later = (time) => new Date(Date.parse(time) + ahead).toISOString();
    const form = new URLSearchParams({
      SAMLResponse: await forge(idp, id, facts, {
        ...{ destination: acs, recipient: acs, audience: `https://${host}/.access/metadata` },
        alter: (xml) => xml.replace(instant, later),
      }),
      RelayState: to.searchParams.get('RelayState'),
    }).toString();
    const post = () => ask(gate, host, '/.access/acs', { cookie, 'content-type': 'application/x-www-form-urlencoded' }, 'POST', form);
    const answer = await post();
    if (answer.status !== 303) return { wrong: answer };
    const times = [clock.seconds(answer.from), clock.seconds(answer.to)];
    const signedInAt = [Math.floor(answeredAt / 1_000), times[1]];
    const session = { host, person: facts, started: times, signedInAt, copies: [], replay: post };
    keep(session, answer, gate);
    return { session };
  }

  return { all, signIn };
}

/** Takes a session cookie out of an answer, as the newest copy of the session. */
export function keep(session, answer, gate) {
  const ours = answer.cookies.filter(([name, value]) => /^__Host-access(-\d)?$/.test(name) && value);
  if (ours.length === 0) return;
  const cookie = ours.map(([name, value]) => `${name}=${value}`).join('; ');
  session.copies.push({ cookie, key: gate.keys[0], seen: [answer.from, answer.to].map((ms) => Math.floor(ms / 1_000)) });
  if (session.copies.length > 3) session.copies.shift();
}
