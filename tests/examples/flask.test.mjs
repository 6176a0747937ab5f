import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../tools/lib/paths.mjs';
import { pythonPackages } from '../../tools/lib/python.mjs';
import { standsBehindTheGate } from './origin.mjs';

test('Flask', async (t) => {
  const folder = join(root, 'examples', 'flask');
  const python = await pythonPackages('flask', join(folder, 'requirements.txt'));
  await standsBehindTheGate(t, ({ port, gate }) => ({
    command: python,
    args: ['app.py'],
    cwd: folder,
    env: { PORT: String(port), GATE: gate },
  }));
});
