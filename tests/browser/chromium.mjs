import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { findChromium } from '../../tools/setup/chromium.mjs';

/**
 * Chromium with an empty profile and nothing to say to the network; closed when test `t` ends.
 * `preferences` are its own as its profile has them, `args` and `more` are arguments and options.
 */
export async function startChromium(t, { args = [], preferences, ...more } = {}) {
  const profile = await mkdtemp(join(tmpdir(), 'vestibule-chromium-'));
  if (preferences) {
    await mkdir(join(profile, 'Default'));
    await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
  }
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: await findChromium(),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
    ...more,
  });
  browser.setDefaultTimeout(15_000);
  t.after(async () => {
    await browser.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  return browser;
}
