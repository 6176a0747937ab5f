import { createServer } from 'node:http';
import { startIdp } from '../../demo/idp.mjs';
import { newKeys as newIdpKeys } from '../../demo/idp/keys.mjs';
import { readRequest } from '../../demo/idp/samlp.mjs';
import { listen } from '../../demo/listen.mjs';
import { documents as demoDocuments } from '../../tools/lib/local.mjs';
import { freePort, pause } from '../../tools/lib/servers.mjs';
import { newKeys } from '../../tools/lib/vestibule.mjs';
import { entry, tell } from '../http/faulty.mjs';
import { startGate } from '../http/gate.mjs';
import { ask, gateAt } from './ask.mjs';
import { addresses, dice, groups, paths, services } from './documents.mjs';
import { expected, got, isIn } from './expected.mjs';
import { checkAssertion } from './assertion.mjs';
import { memory as memoryAt } from './memory.mjs';
import { keep, people as crowd } from './people.mjs';
import { seconds } from './model.mjs';
import { world as makeWorld } from './world.mjs';

const hosts = ['one.soak.test', 'two.soak.test', 'three.soak.test'];
/** What each gate holds, newest first, as a rotation goes: the last step signs some people out. */
const rotation = [[0], [1, 0], [1], [2, 1], [2], [3]];

/** The application: says in a header whom the gate named, so that HEAD tells it too. */
async function startApplication() {
  const server = createServer(({ headers }, response) => {
    const told = { subject: headers['x-access-subject'], email: headers['x-access-email'], groups: headers['x-access-groups'], jwt: headers['x-access-jwt'] };
    const leaked = (headers.cookie ?? '').includes('__Host-access') || JSON.stringify(headers).includes('mallory');
    response.writeHead(200, { 'x-told': JSON.stringify({ ...told, leaked }) }).end('ok');
  });
  const { port, close } = await listen(server);
  return { base: `http://127.0.0.1:${port}`, close };
}

/**
 * Asks `requests` times, or for so many `seconds`, by many people at many paths, while policies, tokens,
 * revocations and keys change, and checks each answer against the model. `pace` is how much faster the
 * gate's clock goes; `changesEvery` is the time between two changes, in real milliseconds.
 */
export async function soak({ requests, seconds: atMost, pace, changesEvery, seed, clients = 12, looks = 0, watch = () => {} }) {
  const ends = [];
  try {
    const die = dice(seed);
    // Some time before midnight, so that dates pass.
    const began = Date.now();
    const evening = new Date(began).setUTCHours(22, 30, 0, 0);
    const now = () => evening + (Date.now() - began) * pace;
    const clock = { pace, now, seconds: (ms = now()) => Math.floor(ms / 1_000) };

    const keys = await Promise.all(Array.from({ length: 4 }, newKeys));
    const together = (name, which) => JSON.stringify({ keys: which.flatMap((at) => JSON.parse(keys[at][name]).keys) });
    const application = await startApplication();
    ends.push(application.close);
    const idp = await startIdp({ keys: await newIdpKeys(), gate: 'https://soak.test' });
    ends.push(idp.close);
    idp.idOf = async (message) => (await readRequest(message)).id;

    const inspector = await freePort();
    const ports = await Promise.all(rotation.map(freePort));
    const workers = rotation.map((which, at) => {
      const vars = { SEAL_KEYS: together('SEAL_KEYS', which), SIGN_KEYS: together('SIGN_KEYS', which), ORIGIN_URL: application.base };
      return { name: at ? `gate-${at}` : 'gate', port: ports[at], vars };
    });
    const { 'idp/sample': sample } = await demoDocuments(idp);
    const [{ port, vars }, ...more] = workers;
    const running = await startGate({ port, vars, more, documents: { 'idp/sample': sample }, entry, inspector });
    ends.push(running.close);
    for (const { port: at } of workers) {
      await tell(`http://127.0.0.1:${at}`, { faults: [], clock: { from: began, to: evening, pace } });
    }
    const gates = workers.map(({ name }, at) => gateAt(name, ports[at], rotation[at], clock));
    ends.push(...gates.map(({ pool }) => () => pool.close()));

    const { all, signIn } = crowd({ die, idp, clock, groups, count: 36 });
    const world = makeWorld({ die, clock, put: running.put, hosts, people: all });
    await world.begin();

    const sessions = [];
    const tally = { asked: 0, ambiguous: 0, signIns: 0, signOuts: 0, replays: 0, answers: {}, wrong: [] };
    const wrong = (what) => tally.wrong.push(what);

    const started = performance.now();
    const progress = () => Math.max(tally.asked / requests, (performance.now() - started) / 1_000 / atMost);

    /** The rotation goes on as requests are made; two gates are always at work. */
    const gatesNow = () => {
      const at = Math.min(Math.floor(progress() * (gates.length - 1)), gates.length - 2);
      return gates.slice(at, at + 2);
    };
    const gateNow = () => die.pick(gatesNow());

    async function begin() {
      const [person, host, gate] = [die.pick(all), die.pick(hosts), gateNow()];
      const from = clock.seconds();
      const { session, wrong: answer } = await signIn(person, host, gate);
      if (answer) return wrong({ what: 'sign-in', person: person.email, host, status: answer.status, code: answer.code });
      session.maxAge = world.policies(host, from, clock.seconds()).map((policy) => seconds(policy.sign_in.max_age)).sort((a, b) => a - b);
      sessions.push(session);
      if (sessions.length > 150) sessions.splice(Math.floor(die.next() * 100), 1);
      tally.signIns += 1;
    }

    async function signOut() {
      const session = die.pick(sessions);
      const gate = gateNow();
      const copy = session.copies.at(-1);
      if (session.out) return;
      session.out = { gate, from: clock.seconds(), to: Infinity };
      const surely = isIn(world, gate, session, copy, [clock.seconds(), clock.seconds() + 10]);
      const answer = await ask(gate, session.host, '/.access/logout', { cookie: copy.cookie, accept: 'text/html' });
      if (answer.status !== 200) return wrong({ what: 'sign-out', status: answer.status, code: answer.code });
      session.out.to = clock.seconds(answer.to);
      tally.signOuts += 1;
      // Where it may not have counted, nothing may have been written down.
      if (!surely && sessions.includes(session)) sessions.splice(sessions.indexOf(session), 1);
    }

    async function replay() {
      const answer = await die.pick(sessions).replay();
      tally.replays += 1;
      if (answer.status < 400 || answer.cookies.some(([name, value]) => name === '__Host-access' && value)) {
        wrong({ what: 'replay', status: answer.status, code: answer.code });
      }
    }

    /** A cookie that is none of ours, or was one. */
    const spoil = (cookie) =>
      die.pick([
        () => cookie.slice(0, -1 - Math.floor(die.next() * 40)),
        () => cookie.replace(/.(?=[^.]{20}$)/, (one) => (one === 'A' ? 'B' : 'A')),
        () => `${cookie}; ${cookie}`,
        () => cookie.replace(/=\d\./, '=2.'),
        () => '__Host-access=1.AAAA',
        () => cookie.replace('__Host-access', '__host-access'),
      ])();

    function question() {
      const request = { method: die.pick(['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE']), path: paths(die), ip: die.pick(addresses) };
      const navigates = die.chance(0.5);
      const headers = {
        'cf-connecting-ip': request.ip,
        'x-access-email': 'mallory@evil.example',
        ...(navigates ? { accept: 'text/html', 'sec-fetch-mode': 'navigate' } : { accept: 'application/json', 'sec-fetch-mode': 'cors' }),
      };
      const asked = { host: die.pick(hosts), request, navigates, headers };
      const kind = die.next();
      if (sessions.length > 0 && kind < 0.9) {
        const session = die.pick(sessions);
        const copy = die.chance(0.8) ? session.copies.at(-1) : die.pick(session.copies);
        if (kind < 0.75) Object.assign(asked, { host: session.host, session, copy });
        // At a host where it may not count, or changed so that it may not.
        headers.cookie = kind < 0.75 ? copy.cookie : kind < 0.8 && asked.host !== session.host ? copy.cookie : spoil(copy.cookie);
      }
      if (die.chance(0.1)) {
        const id = die.pick(services);
        const secret = die.chance(0.8) ? die.pick(world.secrets(id)).secret : 'guessed';
        asked.token = die.chance(0.9) ? { id, secret } : { id: 'nobody', secret };
        headers['x-access-client-id'] = asked.token.id;
        headers['x-access-client-secret'] = secret;
      }
      return asked;
    }

    async function one() {
      const asked = question();
      const gate = gateNow();
      const { host, request } = asked;
      const answer = await ask(gate, host, `${request.path}?q=1`, asked.headers, request.method);
      const times = [clock.seconds(answer.from), clock.seconds(answer.to)];
      const may = expected(world, gate, asked, times);
      const came = got(answer, asked, idp.base);
      tally.asked += 1;
      gate.asked += 1;
      tally.answers[came.split(' ')[0]] = (tally.answers[came.split(' ')[0]] ?? 0) + 1;
      if (may.size > 1) tally.ambiguous += 1;
      const doubt = answer.told && (answer.told.leaked ? 'leaked' : checkAssertion(answer.told, { host, keys: gate.keys.map((at) => keys[at]), now: times }));
      if (!may.has(came) || doubt) {
        const { session, copy, token } = asked;
        wrong({ came, may: [...may], doubt, policies: world.policies(host, times[0] - 600, times[1]).map(JSON.stringify), host, request, times, gate: gate.keys, token, session: session && { ...session, copies: undefined }, copy: copy && { ...copy, cookie: undefined } });
      }
      if (asked.session) keep(asked.session, answer, gate);
    }

    const step = async () => {
      const what = die.next();
      if (sessions.length < 12 || what < 0.01) return begin();
      if (what < 0.016) return signOut();
      if (what < 0.018) return replay();
      return one();
    };

    let changing = true;
    const changes = (async () => {
      while (changing) {
        await new Promise((resolve) => setTimeout(resolve, changesEvery));
        await world.change();
      }
    })();
    const watching = setInterval(() => watch(tally), 1_000);
    const memory = memoryAt(inspector);
    const looking = (async () => {
      for (let look = 1; changing && look <= looks; look += 1) {
        while (changing && progress() < look / looks) await pause(20);
        if (changing) await memory.look(gatesNow(), tally.asked);
      }
    })();
    const client = async () => {
      while (progress() < 1 && tally.wrong.length < 20) await step();
    };
    await Promise.all(Array.from({ length: clients }, client)).finally(() => {
      changing = false;
      clearInterval(watching);
    });
    await Promise.all([changes, looking]);
    return { ...tally, ...(looks && { memory: memory.report() }), changes: world.counts, seconds: (performance.now() - started) / 1_000 };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
