import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../tools/lib/paths.mjs';
import { vestibule } from '../../tools/lib/vestibule.mjs';
import { Browser, readForm } from './browser.mjs';
import { run } from './command-line.mjs';
import { startStack } from './stack.mjs';

const base64url = (bytes) => bytes.toString('base64url');
const code = (answer) => answer.headers.get('x-access-gate');

/** Presses the button of the page that asks. */
const press = async (browser, page, headers = { 'sec-fetch-site': 'same-origin' }) => {
  const { action, fields } = readForm(page);
  return browser.go(action, { method: 'POST', body: new URLSearchParams(fields), headers });
};

const goesTo = async (answer) => {
  const page = await answer.text();
  assert.equal(answer.status, 200, page);
  return /http-equiv="refresh" content="0; url=([^"]*)"/.exec(page)[1].replaceAll('&#38;', '&');
};

test('the command line signs in by the browser', async (t) => {
  await vestibule('--version');
  const stack = await startStack(t);
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-login-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { base } = stack;
  const alice = new Browser(stack);
  await alice.signIn('alice');

  const curl = (...args) => run(folder, 'curl', ...args).ended;

  await t.test('before that, nothing works', async () => {
    const { status, errors } = await curl(`${base}/HR`);
    assert.equal(status, 2);
    assert.match(errors, /vestibule login http:\/\/localhost/);
  });

  await t.test('login, with the button pressed in the browser', async () => {
    const login = run(folder, 'login', `${base}/`, '--no-browser', '--json');
    t.after(login.kill);
    const [, address] = await login.said(/^ {2}(http\S+)$/m);
    const asked = await alice.go(address);
    const text = await asked.text();
    assert.match(text, /alice@example\.com/);
    const back = await goesTo(await press(alice, text));
    // Whoever guesses the port does not know the state.
    const guessed = new URL(back);
    guessed.searchParams.set('state', base64url(randomBytes(16)));
    assert.equal((await fetch(guessed)).status, 404);
    assert.equal((await fetch(back)).status, 200);
    const { status, output, errors } = await login.ended;
    assert.equal(status, 0, errors);
    assert.equal(JSON.parse(output).origin, base);
    const file = join(folder, 'vestibule', 'tokens.json');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.doesNotMatch(await readFile(file, 'utf8'), /alice/);
  });

  await t.test('curl asks as that person, and as nobody else', async () => {
    const { status, output, errors } = await curl(`${base}/HR/echo`, '--silent');
    assert.equal(status, 0, errors);
    const headers = new Map(JSON.parse(output).headers);
    assert.equal(headers.get('x-access-email'), 'alice@example.com');
    assert.equal(headers.has('x-access-token'), false);
    const it = await curl(`${base}/IT`, '--silent', '--output', '/dev/null', '--write-out', '%{http_code}');
    assert.equal(it.output, '403');
    const failed = await curl(`${base}/IT`, '--silent', '--fail');
    assert.equal(failed.status, 22, 'curl\'s own exit code');
  });

  await t.test('curl takes the token to no other host', async () => {
    const seen = [];
    const other = createServer((request, response) => {
      seen.push(request.headers);
      response.end();
    });
    await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
    t.after(() => other.close());
    await curl(`${base}/HR`, '--silent', '--output', '/dev/null', `http://127.0.0.1:${other.address().port}/`);
    assert.deepEqual(seen, []);
  });

  await t.test('idp check says what a sign-in brings, and which rules that satisfies', async () => {
    const policy = join(root, 'demo', 'policy.json');
    const check = run(folder, 'idp', 'check', base, '--no-browser', '--policy', policy);
    t.after(check.kill);
    const [, address] = await check.said(/^ {2}(http\S+)$/m);
    const asked = await alice.go(address);
    assert.equal((await fetch(await goesTo(await press(alice, await asked.text())))).status, 200);
    const { status, output, errors } = await check.ended;
    assert.equal(status, 0, errors);
    for (const line of [
      /^ {2}mail address {2}alice@example\.com$/m,
      /^ {2}groups {8}HR$/m,
      /^ {2}yes allow \/HR\/\*\* +GET \/HR: allow$/m,
      /^ {2}no {2}allow \/IT\/\*\* +GET \/IT: deny$/m,
    ]) assert.match(output, line);
  });

  const verifier = base64url(randomBytes(32));
  const address = (changes = {}) => {
    const query = {
      redirect: 'http://127.0.0.1:4711/',
      state: base64url(randomBytes(16)),
      challenge: base64url(createHash('sha256').update(verifier).digest()),
      ...changes,
    };
    return `/.access/cli?${new URLSearchParams(query)}`;
  };
  const exchange = (fields, path = '/.access/token') =>
    new Browser(stack).call(path, { method: 'POST', body: new URLSearchParams(fields) });
  const newCode = async () => {
    const page = await (await alice.go(address())).text();
    return new URL(await goesTo(await press(alice, page))).searchParams.get('code');
  };

  await t.test('only our own page, once, leads only to this computer', async () => {
    for (const redirect of ['http://localhost:4711/', 'https://evil.example/', 'http://127.0.0.1:4711/x']) {
      const refused = await alice.go(address({ redirect }));
      assert.deepEqual([refused.status, code(refused)], [400, 'command-line-malformed'], redirect);
    }
    const page = await (await alice.go(address())).text();
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'http://evil.example' }, {}]) {
      const refused = await press(alice, page, headers);
      assert.deepEqual([refused.status, code(refused)], [403, 'command-line-forged'], JSON.stringify(headers));
    }
    const strange = await press(new Browser(stack), page);
    assert.equal(code(strange), 'command-line-forged');
    assert.equal((await press(alice, page)).status, 200);
    assert.equal(code(await press(alice, page)), 'command-line-forged');
  });

  await t.test('a code is good once, with its verifier', async () => {
    const wrong = await exchange({ code: await newCode(), verifier: base64url(randomBytes(32)) });
    assert.deepEqual([wrong.status, code(wrong)], [400, 'command-line-code-refused']);
    const one = await newCode();
    const answers = await Promise.all([1, 2, 3].map(() => exchange({ code: one, verifier })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400, 400]);
  });

  await t.test('a token ends with its session', async () => {
    const { token } = await (await exchange({ code: await newCode(), verifier })).json();
    const ask = (path, options) => new Browser(stack).call(path, { headers: { 'x-access-token': token }, ...options });
    assert.equal((await ask('/HR')).status, 200);
    await alice.go('/.access/logout');
    const refused = await ask('/HR');
    assert.deepEqual([refused.status, code(refused)], [401, 'access-token-refused']);
    // Also where nobody needs to sign in.
    assert.equal(code(await ask('/assets/style.css')), 'access-token-refused');
  });
});
