import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startStartPage } from '../../demo/start.mjs';
import { startChromium } from './chromium.mjs';
import { barriers, tooWide, variants } from './look.mjs';
import { picture } from './screenshots.mjs';

test('the start page shows decisions and the policy as they come', async (t) => {
  const start = await startStartPage({ gate: 'http://localhost:1', application: 'http://localhost:2', file: 'demo/policy.json' });
  t.after(() => start.close());
  const record = (more) => start.record({ time: '2026-11-24T12:00:00Z', method: 'GET', rule: '/HR/**', person: null, ...more });
  record({ event: 'allowed', path: '/before' });

  const page = await (await startChromium(t)).newPage();
  const problems = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(start.base);
  const rows = page.locator('#records li');
  assert.equal(await rows.count(), 1);

  record({ event: 'refused', path: '/<b>HR</b>', person: 'bob@example.com', code: 'not-allowed', detail: 'Payroll' });
  await page.waitForSelector('#records li:nth-child(2)');
  const text = await rows.first().innerText();
  for (const part of ['12:00:00', 'refused', 'GET /<b>HR</b>', 'bob@example.com', 'by /HR/** · not-allowed · Payroll']) {
    assert.ok(text.includes(part), `${part} is not in ${text}`);
  }

  record({ event: 'keys', path: undefined, method: undefined, rule: undefined });
  await page.waitForSelector('#records li:nth-child(3)');
  assert.match(await rows.first().innerText(), /keys\s+The Worker has started/);

  start.setPolicy({ state: 'in-force', seconds: 7, text: '{}', words: 'release 2' });
  await page.waitForSelector('#state.in-force');
  assert.equal(await page.textContent('#state'), 'In force, 7 s after it was saved');
  start.setPolicy({ state: 'refused', text: '{', words: 'demo/policy.json:1: it ends too soon' });
  await page.waitForSelector('#state.refused');
  assert.equal(await page.textContent('#words'), 'demo/policy.json:1: it ends too soon');
  await picture(page, 'start');
  for await (const variant of variants(page)) {
    assert.deepEqual(await barriers(page), [], variant);
    assert.ok((await tooWide(page)) <= 0, variant);
  }
  const shown = await page.innerText('main');
  await page.reload();
  assert.equal(await page.innerText('main'), shown, 'without scripts it says the same');
  assert.deepEqual(problems, []);
});
