import { Variant, measure } from './load.mjs';
import { printLoad } from './table.mjs';
import { LINE, hmacCookie, inWorld, page } from './world.mjs';

/** What each way through the gate costs, beside workers that do less. */
export async function ordinary({ rounds, seconds }) {
  const beside = { 'pass-through with a line': { LINE }, 'hmac-cookie': {}, 'by-hand': { LINE } };
  const variants = await inWorld({ beside }, async ({ gate, port, signedIn }) => {
    const [carol, alice] = [await signedIn('carol'), await signedIn('alice')];
    const hmac = hmacCookie({ email: 'carol@example.com', groups: ['HR', 'IT'] });
    const variants = [
      new Variant('a  bare JavaScript pass-through', port['pass-through'], '/HR/page', page),
      new Variant('   the same, with a line in the log', port['pass-through with a line'], '/HR/page', page),
      new Variant('b  JavaScript, HMAC cookie', port['hmac-cookie'], '/HR/page', { ...page, cookie: hmac }),
      new Variant('c  the gate, signed in, allowed', gate, '/HR/page', { ...page, cookie: carol }),
      new Variant('   what any gate must, in JavaScript', port['by-hand'], '/HR/page', { ...page, cookie: carol }),
      new Variant('d  the gate, public path', gate, '/assets/page', page),
      new Variant('e  the gate, refused', gate, '/IT/page', { ...page, cookie: alice }, 403),
      new Variant('f  the gate, to the sign-in', gate, '/HR/page', page, 302),
    ];
    await measure(variants, { rounds, seconds });
    return variants;
  });
  printLoad('Ordinary requests', variants);
}
