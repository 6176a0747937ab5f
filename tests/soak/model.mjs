// What docs/policies.md says, in JavaScript. It shares no line with the gate: the soak test asks both.

/** true, false, or undefined where it depends on who asks, or says nothing of them. */
const not = (value) => (value === undefined ? undefined : !value);
const any = (values) => (values.includes(true) ? true : values.includes(undefined) ? undefined : false);
const all = (values) => not(any(values.map(not)));

const list = (value) => [value].flat();
const seconds = (text) => Number(text.slice(0, -1)) * { s: 1, m: 60, h: 3_600, d: 86_400 }[text.at(-1)];
const address = (text) => text.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

function inNetwork(ip, network) {
  const [base, length = '32'] = network.split('/');
  const size = 2 ** (32 - Number(length));
  return Math.floor(address(ip) / size) === Math.floor(address(base) / size);
}

const ofPeople = {
  group: (person, wanted) => person.groups.includes(wanted),
  email: (person, wanted) => person.email === wanted,
  email_domain: (person, wanted) => person.email.split('@')[1] === wanted,
};

/** What a condition comes to. `fresh` takes every sign-in for a new one. */
function holds(condition, about, fresh) {
  const { person, service, ip, now } = about;
  if (condition === 'signed-in') return person ? true : undefined;
  const [[key, value]] = Object.entries(condition);
  switch (key) {
    case 'any':
      return any(value.map((one) => holds(one, about, fresh)));
    case 'all':
      return all(value.map((one) => holds(one, about, fresh)));
    case 'not':
      return not(holds(value, about, fresh));
    case 'set':
      return holds(about.sets[value], about, fresh);
    case 'ip':
      return list(value).some((network) => inNetwork(ip, network));
    case 'service':
      // Of nobody it is not known yet whether they are one.
      return person || service ? list(value).includes(service) : undefined;
    case 'signed_in_within':
      return person ? fresh || now - person.signedInAt <= seconds(value) : undefined;
    default:
      return person ? list(value).some((wanted) => ofPeople[key](person, wanted)) : undefined;
  }
}

/** Whether a condition holds for a service by a part that names it. */
function byName(condition, about) {
  if (typeof condition === 'string') return false;
  const [[key, value]] = Object.entries(condition);
  const parts = { any: value, all: value, set: [about.sets[value]] }[key] ?? [];
  return (key === 'service' || parts.some((part) => byName(part, about))) && holds(condition, about) === true;
}

/** What an allow comes to: it is for people who are signed in, or for a service that it names. */
const allowed = (condition, about, fresh) =>
  about.service ? byName(condition, about) : all([holds('signed-in', about), holds(condition, about, fresh)]);

const segments = (path) => path.split('/').filter(Boolean);

/** Whether a pattern covers a path, or with `below` anything above it. */
function covers(pattern, path, below) {
  const [wanted, given] = [segments(pattern), segments(path)];
  for (const [at, one] of wanted.entries()) {
    if (one === '**') return true;
    if (at >= given.length || (one !== '*' && one !== given[at])) return false;
  }
  return below || wanted.length === given.length;
}

/** The larger, the more specific, as text: segment by segment a name, `*`, the end of the pattern, `**`. */
const specificity = (pattern) => `${segments(pattern).map((one) => ({ '*': 2, '**': 0 })[one] ?? 3).join('')}1`;

const isFor = (rule, method) => !rule.methods || rule.methods.includes(method === 'HEAD' ? 'GET' : method);

/** `{ verdict: 'forward', told }`, `{ verdict: 'sign-in' }` or `{ verdict: 'refused', code }`. */
export function decide(document, { method, path, ip, now }, { person, service }) {
  const about = { person, service, ip, now, sets: document.sets ?? {} };
  const refused = (code) => ({ verdict: 'refused', code });
  const rules = document.rules.filter((rule) => rule.mode !== 'report' && isFor(rule, method));
  const denies = rules.filter((rule) => rule.deny && covers(rule.path, path, true));
  const denied = any(denies.map(({ deny }) => deny === true || holds(deny, about)));
  if (denied === true) return refused('denied');

  const open = rules.filter((rule) => !rule.deny && covers(rule.path, path, false));
  const most = open.map((rule) => specificity(rule.path)).sort().at(-1);
  const pattern = open.filter((rule) => specificity(rule.path) === most);
  const naming = pattern.filter((rule) => rule.methods);
  const speaking = naming.length > 0 ? naming : pattern;
  const publicly = speaking.find((rule) => rule.public);
  // A deny on people may be on this one: nobody knows before they have signed in.
  if (publicly && denied === undefined && !service) return { verdict: 'sign-in' };
  if (publicly) return { verdict: 'forward', told: publicly.public === 'with-identity' };

  const allows = speaking.filter(({ until }) => !until || now < Date.parse(until) / 1000 + 86_400);
  const values = (fresh) => allows.map(({ allow }) => allowed(allow, about, fresh));
  if (any(values(false)) === true) return { verdict: 'forward', told: true };
  if (service) return refused('not-allowed');
  const hopeful = person ? any(values(true)) === true : any(values(true)) === undefined;
  return hopeful ? { verdict: 'sign-in' } : refused('not-allowed');
}

export { seconds };
