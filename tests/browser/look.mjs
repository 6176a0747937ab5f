import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const widths = { wide: 1280, narrow: 360 };

/** Sets the page to each width in light and in dark, and says in which of the four. */
export async function* variants(page) {
  for (const [size, width] of Object.entries(widths)) {
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      yield `${size} ${colorScheme}`;
    }
  }
}

/**
 * What axe finds on the page once it rests, in one line each: a colour on its way from light to dark
 * is nobody's. It runs from outside, so that no CSP stands in its way; where scripts are switched
 * off it would never end.
 */
export async function barriers(page) {
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
}

/** How far the page is wider than its window. */
export const tooWide = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** The page read from right to left, as it would be in Arabic. */
export const mirror = (page) => page.evaluate(() => (document.documentElement.dir = 'rtl'));

/** What Tab comes to, one after the other: what it is, and whether it is seen that it has the focus. */
export async function tabStops(page) {
  const stops = [];
  await page.evaluate(() => document.activeElement?.blur());
  for (;;) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const { activeElement: at } = document;
      if (!at || at === document.body) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(at);
      const seen = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
      return { what: at.id || at.getAttribute('href') || at.textContent.trim(), seen };
    });
    if (!stop || stops.some(({ what }) => what === stop.what)) return stops;
    stops.push(stop);
  }
}

/** How many stops there should be: a group of radio buttons is one. */
export const interactive = (page) =>
  page.evaluate(() => {
    const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')];
    const radios = new Set(all.filter(({ type }) => type === 'radio').map(({ name }) => name));
    return all.filter(({ type }) => type !== 'radio').length + radios.size;
  });
