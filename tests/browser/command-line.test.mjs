import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../tools/lib/paths.mjs';
import { run } from '../http/command-line.mjs';
import { startStack } from '../http/stack.mjs';
import { startChromium } from './chromium.mjs';
import { barriers, tooWide, variants } from './look.mjs';
import { picture } from './screenshots.mjs';

test('the command line is let in by a person in Chromium', async (t) => {
  const stack = await startStack(t);
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-login-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const browser = await startChromium(t);
  const page = await browser.newPage();

  /** What a command says at its end, once `person` has signed in and let it in. */
  const letIn = async (person, ...args) => {
    await browser.clearCookies();
    const command = run(folder, ...args, '--no-browser', '--json');
    t.after(command.kill);
    const [, address] = await command.said(/^ {2}(http\S+)$/m);
    await page.goto(address);
    await page.click(`button[value=${person}]`);
    await page.waitForURL(address);
    assert.match(await page.textContent('main'), new RegExp(`${person}@example\\.com`));
    await page.click('main button');
    await page.waitForURL('http://127.0.0.1:*/**');
    assert.match(await page.textContent('body'), /let in/);
    const { status, output, errors } = await command.ended;
    assert.equal(status, 0, errors);
    return JSON.parse(output);
  };

  await t.test('login, and curl asks as that person', async () => {
    await letIn('alice', 'login', `${stack.base}/`);
    const { output } = await run(folder, 'curl', `${stack.base}/.access/whoami`, '--silent').ended;
    assert.equal(JSON.parse(output).email, 'alice@example.com');
  });

  await t.test('idp check, from no session to the rules that the sign-in satisfies', async () => {
    const policy = join(root, 'demo', 'policy.json');
    const { email, groups, policies } = await letIn('carol', 'idp', 'check', stack.base, '--policy', policy);
    assert.deepEqual([email, groups], ['carol@example.com', ['HR', 'IT']]);
    const [{ rules }] = policies;
    const told = rules.map(({ path, holds, verdict }) => [path, holds, verdict]);
    assert.deepEqual(told.slice(1, 3), [['/HR/**', 'true', 'allow'], ['/IT/**', 'true', 'allow']]);
  });

  await t.test('a report of what was decided meanwhile', async () => {
    await page.goto(`${stack.base}/HR`);
    await page.goto(`${stack.base}/elsewhere`);
    await stack.gate.log.line(({ event, path }) => event === 'refused' && path === '/elsewhere');
    const [records, report] = ['records.ndjson', 'report.html'].map((name) => join(folder, name));
    await writeFile(records, stack.gate.log.lines.join('\n'));
    const { status, errors } = await run(folder, 'report', records, '--output', report).ended;
    assert.equal(status, 0, errors);
    await page.goto(`file://${report}`);
    assert.match(await page.innerText('main'), /carol@example\.com/);
    for await (const variant of variants(page)) {
      assert.deepEqual(await barriers(page), [], variant);
      assert.ok((await tooWide(page)) <= 0, variant);
    }
    await picture(page, 'report');
  });
});
