import assert from 'node:assert/strict';
import { Browser } from './browser.mjs';
import { startStack } from './stack.mjs';
import { storeIn, temporary, vestibule } from './story.mjs';

/** A stack whose store the command line works on, and somebody whose signing out lets the isolate read at once what is over. */
export async function revocations(t) {
  const folder = await temporary(t);
  const change = ({ 'app/localhost': text, ...others }) => {
    const policy = JSON.parse(text);
    policy.rules.push({ path: '/HR/echo', allow: { service: 'backup' } });
    return { ...others, 'app/localhost': JSON.stringify(policy) };
  };
  const stack = await startStack(t, { folder, change });
  const bob = new Browser(stack);
  const read = async () => {
    await bob.signIn('bob', '/');
    assert.equal((await bob.go('/.access/logout')).status, 200);
    await bob.go('/');
  };
  const run = async (...args) => {
    const once = () => vestibule(...args, ...storeIn(folder));
    let done = await once();
    // Of processes that write at once the local store of wrangler answers some so.
    while (done.errors.includes('KV PUT failed: 500')) done = await once();
    assert.equal(done.code, 0, done.output + done.errors);
    return done.output;
  };
  return { stack, read, run };
}
