import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../tools/lib/paths.mjs';
import { run } from '../../tools/lib/run.mjs';

const folder = join(root, 'screenshots');
const widths = { wide: 1200, narrow: 360 };

/** Where `SCREENSHOTS` is set: the page as it stands, wide and narrow, light and dark. */
export async function picture(page, name) {
  if (!process.env.SCREENSHOTS) return;
  await mkdir(folder, { recursive: true });
  for (const [size, width] of Object.entries(widths)) {
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`), fullPage: true });
    }
  }
  await page.setViewportSize({ width: widths.wide, height: 800 });
}

/**
 * Where `SCREENSHOTS` is `docs`: a picture for the documents of what `part` selects, in light and in dark, in a
 * window of this size, made small by pngquant.
 */
export async function documented(page, name, { part = 'main', width = 640, height = 480 } = {}) {
  if (process.env.SCREENSHOTS !== 'docs') return;
  for (const colorScheme of ['light', 'dark']) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    const path = join(root, 'docs', 'images', `${name}-${colorScheme}.png`);
    if (part) await page.locator(part).screenshot({ path });
    else await page.screenshot({ path });
    await run('pngquant', ['--force', '--strip', '--output', path, path]);
  }
}

/** How far the page is wider than a narrow window: nothing should have to be scrolled sideways. */
export async function overflow(page) {
  await page.setViewportSize({ width: widths.narrow, height: 800 });
  const more = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  await page.setViewportSize({ width: widths.wide, height: 800 });
  return more;
}
