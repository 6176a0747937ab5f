import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.mjs';
import { startStack } from './stack.mjs';

const reach = {
  alice: { '/': 200, '/HR': 200, '/HR/': 200, '/IT': 403, '/IT/printers': 403, '/elsewhere': 403 },
  bob: { '/': 200, '/HR': 403, '/HR/payroll': 403, '/IT': 200, '/IT/': 200, '/elsewhere': 403 },
  carol: { '/': 200, '/HR': 200, '/IT': 200, '/elsewhere': 403 },
  eve: { '/': 200, '/HR': 403, '/IT': 403, '/elsewhere': 403 },
};

test('people and paths', async (t) => {
  const stack = await startStack(t);

  for (const [person, paths] of Object.entries(reach)) {
    await t.test(`${person} signs in`, async (t) => {
      const browser = new Browser(stack);
      const landed = await browser.signIn(person, '/?from=test');
      assert.equal(landed.status, 303, await landed.clone().text());
      assert.equal(landed.headers.get('location'), '/?from=test');

      for (const [path, status] of Object.entries(paths)) {
        await t.test(`${person} ${path} ${status}`, async () => {
          const before = stack.app.requests.length;
          const answer = await browser.go(path);
          const text = await answer.text();
          assert.equal(answer.status, status, text);
          assert.equal(stack.app.requests.length - before, status === 200 ? 1 : 0);
          if (status === 200) {
            assert.match(text, new RegExp(`${person}@example\\.com`));
            assert.equal(answer.headers.get('x-access-gate'), null);
          } else {
            assert.equal(answer.headers.get('x-access-gate'), 'not-allowed');
            assert.doesNotMatch(text, /Payroll, holidays|big red switch/);
          }
        });
      }
    });
  }

  await t.test('somebody from outside gets to the sign-in and no further', async () => {
    for (const path of ['/', '/HR', '/IT', '/elsewhere']) {
      const before = stack.app.requests.length;
      const answer = await new Browser(stack).go(path);
      assert.ok([302, 403].includes(answer.status), `${path}: ${answer.status}`);
      if (path !== '/elsewhere') assert.equal(answer.status, 302);
      assert.equal(stack.app.requests.length, before);
    }
  });

  await t.test('a public path needs no sign-in and carries no identity', async () => {
    for (const signedIn of [false, true]) {
      const browser = new Browser(stack);
      if (signedIn) await browser.signIn('alice');
      const { headers } = await browser.json('/assets/echo');
      assert.deepEqual(headers.filter(([name]) => name.startsWith('x-access')), []);
    }
  });
});
