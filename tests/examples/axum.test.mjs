import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../tools/lib/paths.mjs';
import { run } from '../../tools/lib/run.mjs';
import { standsBehindTheGate } from './origin.mjs';

test('axum', async (t) => {
  const folder = join(root, 'examples', 'axum');
  const target = join(root, 'target', 'examples');
  await run('cargo', ['build', '--quiet', '--manifest-path', join(folder, 'Cargo.toml'), '--target-dir', target]);
  await standsBehindTheGate(t, ({ port, gate }) => ({
    command: join(target, 'debug', 'behind-vestibule'),
    args: [],
    cwd: folder,
    env: { PORT: String(port), GATE: gate },
  }));
});
