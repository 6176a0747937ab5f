import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../tools/lib/paths.mjs';
import { standsBehindTheGate } from './origin.mjs';

test('Express', (t) =>
  standsBehindTheGate(t, ({ port, gate }) => ({
    command: process.execPath,
    args: ['index.js'],
    cwd: join(root, 'examples', 'express'),
    env: { PORT: String(port), GATE: gate },
  })));
