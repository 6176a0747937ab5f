import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { findChromium } from '../../tools/setup/chromium.mjs';

/**
 * Chromium with an empty profile and nothing to say to the network; closed when test `t` ends. `more`
 * are arguments and options of its own.
 */
export async function startChromium(t, { args = [], ...more } = {}) {
  const profile = await mkdtemp(join(tmpdir(), 'vestibule-chromium-'));
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
