import { decide, seconds } from './model.mjs';
import { spread } from './world.mjs';

/** Whether an ending counts for a request: in [possibly, certainly]. */
const ended = (ending, from, to) => [to >= ending.from, from >= ending.sure];

/** `[best, worst]`: whether a copy of a session may count, and whether it has to. */
function counts(world, gate, session, copy, policy, [from, to]) {
  if (!gate.keys.includes(copy.key)) return [false, false];
  let [best, worst] = [true, true];
  for (const [started, seen, now, which] of [
    [session.started[1] + 1, copy.seen[1] + 1, from - 1, 'best'],
    [session.started[0] - 1, copy.seen[0] - 1, to + 1, 'worst'],
  ]) {
    const maxAge = [policy.sign_in.max_age, session.maxAge.at(which === 'best' ? -1 : 0)];
    const young = maxAge.every((age) => now < started + (typeof age === 'string' ? seconds(age) : age));
    const awake = !policy.sign_in.idle || now - seen < seconds(policy.sign_in.idle);
    if (!(young && awake)) which === 'best' ? (best = false) : (worst = false);
  }
  const endings = world.revocations().filter(({ kind, name }) => name === (kind === 'hosts' ? session.host : session.person.email));
  for (const ending of endings) {
    const [possibly, certainly] = ended(ending, from, to);
    // A stamp ends what began in its second or before.
    if (possibly && session.started[0] - 1 <= ending.at) worst = false;
    if (certainly && session.started[1] + 1 <= ending.at) best = false;
  }
  if (session.out) {
    // Of a request and a sign-out that fall into one second nobody knows here which was first.
    const next = session.out.to + 1;
    const sure = session.out.gate === gate ? next : next + spread(gate.clock);
    const [possibly, certainly] = ended({ from: session.out.from, sure }, from, to);
    if (possibly) worst = false;
    if (certainly) best = false;
  }
  return [best, worst];
}

/** Whether a session has to count, whatever policy a gate has. */
export const isIn = (world, gate, session, copy, times) =>
  world.policies(session.host, ...times).every((policy) => counts(world, gate, session, copy, policy, times)[1]);

/** The services that a policy names. A host knows no other. */
const named = (policy) => [...JSON.stringify(policy.rules).matchAll(/"service":"([^"]*)"/g)].map(([, id]) => id);

const encoded = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`).replaceAll('%40', '@');

const told = ({ person, service }) => (person ? `${person.email} ${person.groups.map(encoded).join(',')}` : service ? `service/${service}` : 'nobody');

function outcome(policy, request, now, asker) {
  const { verdict, code, told: tells } = decide(policy, { ...request, now }, asker);
  if (verdict !== 'forward') return code ?? verdict;
  return `forward ${tells ? told(asker) : 'nobody'}`;
}

/**
 * Every answer that a request may get, as text. There is more than one only while a change spreads,
 * or in the second in which something ends.
 */
export function expected(world, gate, asked, [from, to]) {
  const { host, request, session, copy, token } = asked;
  const may = new Set();
  for (const policy of world.policies(host, from, to)) {
    for (const now of [from - 1, to + 1]) {
      const askers = [];
      if (token && named(policy).length > 0) {
        const proofs = named(policy).includes(token.id) ? world.proofs(token.id, token.secret, from, to) : [undefined];
        for (const expires of proofs) {
          askers.push(expires !== undefined && now < expires ? { service: token.id } : 'service-token-refused');
        }
      } else {
        const [best, worst] = session ? counts(world, gate, session, copy, policy, [from, to]) : [false, false];
        if (best) {
          for (const signedInAt of session.signedInAt) askers.push({ person: { ...session.person, signedInAt } });
        }
        if (!worst) askers.push({});
      }
      for (const asker of askers) may.add(typeof asker === 'string' ? asker : outcome(policy, request, now, asker));
    }
  }
  return may;
}

/** The same text for an answer that came. A page is sent to sign in, all else is told that it has to. */
export function got({ status, code, told: seen, location }, { request, navigates }, idp) {
  if (status === 200 && !code && seen) {
    if (seen.subject?.startsWith('service/')) return `forward ${seen.subject}`;
    return `forward ${seen.email ? `${seen.email} ${seen.groups}` : 'nobody'}`;
  }
  const opens = navigates && request.method === 'GET';
  const sends = navigates && !['GET', 'HEAD'].includes(request.method);
  if (opens && status === 302 && location?.startsWith(`${idp}/sso?`)) return 'sign-in';
  if (!opens && status === 401 && code === (sends ? 'form-not-sent' : 'sign-in-needed')) return 'sign-in';
  if (status === 401 && code === 'service-token-refused') return code;
  if (status === 403 && ['denied', 'not-allowed'].includes(code)) return code;
  return `${status} ${code}`;
}
