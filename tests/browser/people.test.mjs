import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startStack } from '../http/stack.mjs';
import { startChromium } from './chromium.mjs';
import { overflow, picture } from './screenshots.mjs';

const reach = {
  alice: { '/HR': true, '/IT': false },
  bob: { '/HR': false, '/IT': true },
  carol: { '/HR': true, '/IT': true },
  eve: { '/HR': false, '/IT': false },
};

for (const postOnly of [false, true]) {
  test(`four people in Chromium, AuthnRequest by ${postOnly ? 'POST' : 'Redirect'}`, async (t) => {
    const stack = await startStack(t, { postOnly });
    const browser = await startChromium(t);
    const page = await browser.newPage();
    const problems = [];
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));

    for (const [person, paths] of Object.entries(reach)) {
      await t.test(person, async (t) => {
        await page.goto(`${stack.base}/?as=${person}`);
        await page.waitForURL(`${stack.idp.base}/sso**`);
        if (person === 'alice') await picture(page, 'idp');
        await page.click(`button[value=${person}]`);
        await page.waitForURL(`${stack.base}/?as=${person}`);
        assert.equal(await page.textContent('#email'), `${person}@example.com`);
        if (person === 'alice') await picture(page, 'application');

        for (const [path, allowed] of Object.entries(paths)) {
          await t.test(`${person} ${path} ${allowed ? 'sees it' : 'is refused'}`, async () => {
            const answer = await page.goto(stack.base + path);
            assert.equal(answer.status(), allowed ? 200 : 403);
            assert.equal(await page.locator('#email').count(), allowed ? 1 : 0);
            if (allowed) return;
            assert.match(await page.textContent('main'), /not-allowed/);
            assert.ok((await overflow(page)) <= 0);
            await picture(page, `refused-${person}`);
          });
        }

        await page.goto(`${stack.base}/.access/whoami`);
        assert.match(await page.textContent('body'), new RegExp(`${person}@example\\.com`));
        await picture(page, `whoami-${person}`);

        const cookies = await browser.cookies(stack.base);
        assert.deepEqual(cookies.map(({ name }) => name).sort(), ['__Host-access', '__Host-access-ended', '__Host-access-root']);
        assert.equal(await page.evaluate(() => document.cookie), '');

        await page.goto(`${stack.base}/.access/logout`);
        await picture(page, 'signed-out');
        assert.deepEqual(await browser.cookies(stack.base), []);
      });
    }

    await t.test('a script of the application gets 401 after signing out, and no page of the sign-in', async () => {
      await page.goto(`${stack.base}/assets/style.css`);
      const [status, code] = await page.evaluate(async () => {
        const answer = await fetch('/HR');
        return [answer.status, answer.headers.get('x-access-gate')];
      });
      assert.deepEqual([status, code], [401, 'sign-in-needed']);
    });

    await t.test('pages of the gate that nothing went before', async () => {
      await page.goto(`${stack.base}/HR%2f`);
      await picture(page, 'malformed-path');
    });

    await t.test('no script, style or policy error on any page', () => {
      assert.deepEqual(problems.filter((text) => !/status of 40[013]|favicon/.test(text)), []);
    });
  });
}

test('nothing is configured yet', async (t) => {
  const stack = await startStack(t, { without: ['app/localhost'] });
  const page = await (await startChromium(t)).newPage();
  const answer = await page.goto(stack.base);
  assert.equal(answer.status(), 503);
  assert.ok((await overflow(page)) <= 0);
  await picture(page, 'not-configured');
});
