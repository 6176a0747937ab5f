const seconds = (ms) => (ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`);

/** Something that only the user can put right; printed without a stack. */
export class NeedsYou extends Error {}

/**
 * One step of the set-up or of the tests: says what it does, what it usually takes, and what it took.
 * The work may return a short text that says how it was met.
 */
export async function step(title, usually, work) {
  process.stdout.write(`• ${title}${usually ? ` (usually ${usually})` : ''}\n`);
  const begun = performance.now();
  const outcome = await work();
  const note = typeof outcome === 'string' ? `${outcome}, ` : '';
  process.stdout.write(`  ${note}${seconds(performance.now() - begun)}\n`);
  return outcome;
}

/** Runs a tool's main function; an expected failure prints its message only. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    process.exitCode = 1;
    const expected = error instanceof NeedsYou || error.constructor.name === 'CommandFailed';
    console.error(`\n${expected ? error.message : error.stack}\n`);
  }
}
