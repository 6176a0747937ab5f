import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const local = join(root, '.local');
export const nodeBin = join(root, 'node_modules', '.bin');

/** Compiled tools are kept outside the clone, so that the next clone need not build them again. */
export const toolFolder =
  process.env.VESTIBULE_TOOLS ||
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'vestibule');
