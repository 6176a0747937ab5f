import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startStack } from '../http/stack.mjs';
import { startChromium } from './chromium.mjs';

const signIn = async (page, stack, person = 'alice') => {
  await page.waitForURL(`${stack.idp.base}/sso**`);
  await page.click(`button[value=${person}]`);
};

test('a form after the end of the session arrives whole, once its sender has signed in in a new tab', async (t) => {
  const stack = await startStack(t);
  const browser = await startChromium(t);
  const page = await browser.newPage();
  await page.goto(`${stack.base}/HR/echo`);
  await signIn(page, stack);
  await page.waitForURL(`${stack.base}/HR/echo`);
  await browser.clearCookies();
  const before = stack.app.requests.length;
  await page.evaluate(() => {
    const form = document.createElement('form');
    Object.assign(form, { method: 'post', action: '/HR/echo', id: 'leave' });
    for (const [name, value] of [['days', '12'], ['why', 'Überstunden & mehr']]) {
      form.append(Object.assign(document.createElement('input'), { name, value, type: 'hidden' }));
    }
    document.body.append(form);
    form.submit();
  });
  await page.waitForSelector('a[target=_blank]');
  assert.match(await page.textContent('main'), /Nothing was sent/);
  assert.doesNotMatch(await page.content(), /stunden/);
  assert.equal(stack.app.requests.length, before);

  const [tab] = await Promise.all([browser.waitForEvent('page'), page.click('a[target=_blank]')]);
  await signIn(tab, stack);
  await tab.waitForURL(`${stack.base}/.access/signed-in`);
  assert.match(await tab.textContent('main'), /alice@example\.com/);
  await tab.close();

  const answer = await page.reload();
  assert.equal(answer.status(), 200);
  assert.equal(answer.request().method(), 'POST');
  const sent = new URLSearchParams(answer.request().postData());
  assert.deepEqual([...sent], [['days', '12'], ['why', 'Überstunden & mehr']]);
  assert.equal(stack.app.requests.length, before + 1);
});

const keeps = (documents) => {
  const policy = JSON.parse(documents['app/localhost']);
  policy.sign_in.keep_fragment = true;
  return { ...documents, 'app/localhost': JSON.stringify(policy) };
};

for (const postOnly of [false, true]) {
  test(`a fragment survives the sign-in, AuthnRequest by ${postOnly ? 'POST' : 'Redirect'}`, async (t) => {
    const stack = await startStack(t, { postOnly, change: keeps });
    const browser = await startChromium(t);
    const page = await browser.newPage();
    await page.goto(`${stack.base}/HR/echo?a=b#/boards/7;x=%C3%A9`);
    await signIn(page, stack);
    await page.waitForURL(`${stack.base}/HR/echo?a=b#/boards/7;x=%C3%A9`);
    const names = (await browser.cookies(stack.base)).map(({ name }) => name).sort();
    assert.deepEqual(names, ['__Host-access', '__Host-access-ended', '__Host-access-root']);
  });
}

test('without JavaScript the sign-in goes on, and the fragment is lost', async (t) => {
  const stack = await startStack(t, { change: keeps });
  const browser = await startChromium(t);
  const page = await browser.newPage();
  // As with scripts switched off: nothing of ours and nothing of the provider's runs.
  const session = await browser.newCDPSession(page);
  await session.send('Emulation.setScriptExecutionDisabled', { value: true });
  await page.goto(`${stack.base}/HR/echo#frag`);
  await signIn(page, stack);
  await page.click('button');
  await page.waitForURL(`${stack.base}/HR/echo`);
});
