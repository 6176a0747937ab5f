// Policy documents of every shape that the model knows, made by a dice.

/** A dice that always falls the same way for the same seed (mulberry32). */
export function dice(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const pick = (list) => list[Math.floor(next() * list.length)];
  return { next, pick, chance: (of) => next() < of };
}

const names = ['HR', 'IT', 'pay', 'wiki'];
export const groups = ['HR', 'IT', 'leads', 'contractors', 'R&D, west', '部'];
export const services = ['backup', 'deploy'];
export const addresses = ['192.0.2.7', '192.0.2.200', '198.51.100.7'];
const methods = [['GET'], ['POST', 'PUT'], ['DELETE']];

export const paths = ({ pick, next }) => {
  const depth = Math.floor(next() * 4);
  return `/${Array.from({ length: depth }, () => pick([...names, 'x'])).join('/')}`;
};

function pattern({ pick, chance, next }) {
  const parts = Array.from({ length: Math.floor(next() * 3) }, () => (chance(0.2) ? '*' : pick(names)));
  if (chance(0.7)) parts.push('**');
  return `/${parts.join('/')}`;
}

function condition(die, people, level = 0) {
  const { pick, chance } = die;
  const inner = () => condition(die, people, level + 1);
  if (level < 2 && chance(0.3)) return { [pick(['any', 'all'])]: [inner(), inner()] };
  return pick([
    () => 'signed-in',
    () => ({ group: pick(groups) }),
    () => ({ group: [pick(groups), pick(groups)] }),
    () => ({ email: pick(people).email }),
    () => ({ email_domain: pick(['example.com', 'other.example']) }),
    () => ({ not: { group: pick(groups) } }),
    () => ({ set: 'leads' }),
    () => ({ ip: pick(['192.0.2.0/24', '192.0.2.0/25', '198.51.100.7']) }),
    () => ({ signed_in_within: pick(['5m', '20m', '1h']) }),
    () => ({ service: pick(services) }),
  ])();
}

function rule(die, people, today) {
  const { pick, chance } = die;
  const what = pick([
    ...Array(6).fill(() => ({ allow: condition(die, people) })),
    () => ({ public: pick([true, 'with-identity']) }),
    () => ({ deny: pick([{ group: 'contractors' }, { email: pick(people).email }, { ip: '198.51.100.0/24' }, true]) }),
  ])();
  return {
    path: what.deny ? `/${pick(names)}/${pick(names)}` : pattern(die),
    ...what,
    ...(chance(0.25) && { methods: pick(methods) }),
    ...(what.allow && chance(0.1) && { until: today }),
    ...(chance(0.05) && { mode: 'report' }),
  };
}

export function document(die, host, people, today) {
  const { pick, chance } = die;
  const count = 3 + Math.floor(die.next() * 12);
  const made = Array.from({ length: count }, () => rule(die, people, today));
  // One pattern is public in one way, or not at all: what two ways mean is for `policy check` to ask.
  const open = new Map(made.filter((one) => one.public).map((one) => [one.path, one]));
  return {
    name: 'Soak',
    hosts: [host],
    sign_in: { idps: ['sample'], max_age: pick(['30m', '1h', '2h']), ...(chance(0.5) && { idle: pick(['10m', '25m']) }) },
    sets: { leads: { any: [{ group: 'leads' }, { email: people[0].email }] } },
    rules: [{ path: '/**', allow: 'signed-in' }, ...made].filter((one) => one.deny || (open.get(one.path) ?? one) === one),
  };
}
