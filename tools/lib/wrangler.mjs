import { delimiter, join } from 'node:path';
import { nodeBin } from './paths.mjs';
import { run } from './run.mjs';

export const wranglerPath = join(nodeBin, 'wrangler');

/** wrangler under the Node that it needs, and without its questions about metrics. */
export const wranglerEnvironment = {
  PATH: [nodeBin, process.env.PATH].join(delimiter),
  WRANGLER_SEND_METRICS: 'false',
};

export const wrangler = (args, options = {}) =>
  run(wranglerPath, args, { ...options, env: { ...wranglerEnvironment, ...options.env } });
