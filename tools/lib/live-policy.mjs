import { unwatchFile, watchFile } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { vestibule } from './vestibule.mjs';

/**
 * Publishes a policy file, as it is done at Cloudflare, and again whenever it changes. `tell` hears what
 * became of it. `startAnew` has the Worker read it, which remembers documents for up to a minute.
 */
export function livePolicy(file, { tell, startAnew }) {
  const path = join(root, file);
  let last = Promise.resolve();

  async function publish() {
    const text = await readFile(path, 'utf8');
    tell({ state: 'publishing', words: '', text });
    const words = await vestibule('publish', file, '--local', '--yes', '--author', 'npm start');
    return { text, words: words.trim() };
  }

  async function changed() {
    try {
      const saved = await stat(path);
      const published = await publish();
      await startAnew();
      const seconds = Math.round((Date.now() - saved.mtimeMs) / 1000);
      tell({ state: 'in-force', seconds, ...published });
    } catch (error) {
      const text = await readFile(path, 'utf8').catch(() => '');
      // The first line is the command.
      tell({ state: 'refused', words: error.message.split('\n').slice(1).join('\n'), text });
    }
  }

  return {
    async publish() {
      tell({ state: 'in-force', ...(await publish()) });
    },
    /** One change after the other: a file may be saved while the last one is published. */
    watch: () => watchFile(path, { interval: 300 }, () => (last = last.then(changed))),
    close: () => unwatchFile(path),
  };
}
