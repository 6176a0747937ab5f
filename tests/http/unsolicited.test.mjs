import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRequest } from '../../demo/idp/samlp.mjs';
import { personById } from '../../demo/people.mjs';
import { Browser } from './browser.mjs';
import { startStack } from './stack.mjs';

const alice = personById('alice');
const idpDocument = (more) => (all) => ({
  ...all,
  'idp/sample': JSON.stringify({ ...JSON.parse(all['idp/sample']), ...more }),
});
/** What a tile in the identity provider's portal posts. */
const tile = async (stack, RelayState) => ({ ...(await stack.idp.answer(undefined, alice)), RelayState });

test('a tile begins a sign-in of our own, which ends where it points', async (t) => {
  const stack = await startStack(t);
  const browser = new Browser(stack);
  const fields = await tile(stack, '/HR');
  const answer = await browser.post(fields);
  assert.equal(answer.status, 303, await answer.clone().text());
  assert.ok(!browser.cookies.has('__Host-access'));
  const url = new URL(answer.headers.get('location'));
  assert.equal(url.origin, stack.idp.base);

  const again = await browser.post(fields);
  assert.equal(again.status, 403);
  assert.equal(again.headers.get('x-access-gate'), 'unsolicited');

  const request = { binding: 'redirect', url, ...Object.fromEntries(url.searchParams) };
  const landed = await browser.post(await browser.choose('alice', request));
  assert.equal(landed.status, 303);
  assert.equal(landed.headers.get('location'), '/HR');
  assert.equal((await browser.go('/HR')).status, 200);
  const line = await stack.gate.log.line((one) => one.event === 'signed-in');
  assert.equal(line.person, 'alice@example.com');
});

test('where it is allowed, a tile signs in, once, to a fixed page', async (t) => {
  const stack = await startStack(t, { change: idpDocument({ unsolicited: '/start' }) });
  const fields = await tile(stack, '/HR');
  const browser = new Browser(stack);
  const landed = await browser.post(fields);
  assert.equal(landed.status, 303, await landed.clone().text());
  assert.equal(landed.headers.get('location'), '/start');
  assert.equal((await browser.go('/HR')).status, 200);
  const other = new Browser(stack);
  const replayed = await other.post(fields);
  assert.equal(replayed.headers.get('x-access-gate'), 'replayed');
});

test('SHA-1 is accepted only where the document says so, and the log says it too', async (t) => {
  for (const [legacy, status] of [[[], 403], [['inclusive-c14n'], 403], [['sha1'], 303]]) {
    const stack = await startStack(t, { change: idpDocument({ legacy }) });
    const browser = new Browser(stack);
    const request = await browser.begin('/HR');
    const { id } = await readRequest(request.SAMLRequest);
    const sha1 = { signatureAlgorithm: 'rsa-sha1', digestAlgorithm: 'sha1' };
    const answer = await browser.post({ ...(await stack.idp.answer(id, alice, sha1)), RelayState: request.RelayState });
    assert.equal(answer.status, status, `${legacy}: ${await answer.clone().text()}`);
    if (status === 403) assert.equal(answer.headers.get('x-access-gate'), 'signature-sha1');
    if (legacy.length > 0) {
      const line = await stack.gate.log.line((one) => one.event === 'legacy-accepted');
      assert.deepEqual(line.legacy, legacy);
    }
  }
});
