import { executable, run, which } from '../lib/run.mjs';
import { NeedsYou } from '../lib/step.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const elsewhere = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

export async function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const name of names) {
    const path = await which(name);
    if (path) return path;
  }
  for (const path of elsewhere) if (await executable(path)) return path;
  return null;
}

/** Only the browser tests need it. */
export async function chromium() {
  if (await findChromium()) return 'there';
  if (process.getuid?.() === 0 && (await which('apt-get'))) {
    await run('apt-get', ['update']);
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (await findChromium()) return 'installed';
  }
  throw new NeedsYou(
    'The browser tests need Chromium or Chrome. Install one (on Debian: sudo apt-get install -y chromium),\n' +
      'or say where it is: CHROMIUM=/path/to/chromium npm test',
  );
}
