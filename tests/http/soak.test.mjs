import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from '../soak/soak.mjs';

test('many people at once, while everything changes: no wrong answer', async (t) => {
  const seed = Number(process.env.SEED ?? 1 + Math.floor(Math.random() * 1e9));
  const { asked, ambiguous, answers, wrong, changes } = await soak({ requests: 3_000, seconds: 20, pace: 60, changesEvery: 600, seed });
  t.diagnostic(`seed ${seed}: ${asked} asked, ${ambiguous} while a change spread, ${JSON.stringify(answers)}, ${JSON.stringify(changes)}`);
  assert.deepEqual(wrong, [], `SEED=${seed}`);
  assert.ok(asked > 100 && ambiguous < asked, 'some requests have one answer only');
});
