import { Variant, measure } from './load.mjs';
import { printLoad } from './table.mjs';
import { inWorld, page } from './world.mjs';

const groups = [1, 50, 200];
const cookies = [1, 4];
const rules = [100, 10_000];

/** How an allowed request grows with what comes with it and with what is decided about it. */
export async function growth({ rounds, seconds }) {
  const many = await inWorld({ groups }, async ({ gate, port, signedIn }) => {
    const variants = [new Variant('a  bare JavaScript pass-through', port['pass-through'], '/HR/page', page)];
    const add = (name, cookie) => variants.push(new Variant(name, gate, '/HR/page', { ...page, cookie }));
    for (const count of groups) add(`c  ${count} groups`, await signedIn(`in-${count}`));
    const one = await signedIn('in-1');
    for (const size of cookies) add(`c  and ${size} KB of other cookies`, `${one}; other=${'x'.repeat(size * 1024)}`);
    await measure(variants, { rounds, seconds });
    return variants;
  });
  printLoad('Growth with groups and cookies', many);
  for (const count of rules) {
    const variants = await inWorld({ change: withRules(count) }, async ({ gate, port, signedIn }) => {
      const variants = [
        new Variant('a  bare JavaScript pass-through', port['pass-through'], '/HR/page', page),
        new Variant(`c  ${count} rules`, gate, '/HR/page', { ...page, cookie: await signedIn('carol') }),
      ];
      await measure(variants, { rounds, seconds });
      return variants;
    });
    printLoad(`Growth with rules: ${count}`, variants);
  }
}

const withRules = (count) => (documents) => {
  const policy = JSON.parse(documents['app/localhost']);
  const more = Array.from({ length: count }, (_, at) => ({ path: `/HR/team-${at % 100}/${at}/**`, allow: { group: `Team ${at}` } }));
  return { ...documents, 'app/localhost': JSON.stringify({ ...policy, rules: [...policy.rules, ...more] }) };
};
