import { join } from 'node:path';
import { run as runTests } from 'node:test';
import { root } from './paths.mjs';

const minutes = 60_000;

/** Runs test files, each in a process of its own, and says of each failure what it was. */
export async function nodeTests(files, { limit = 6 * minutes } = {}) {
  const counts = { passed: 0, failed: 0 };
  const stream = runTests({
    files: files.map((file) => join(root, file)),
    // Two at a time: each file runs a workerd, and a CI machine has few cores.
    concurrency: 2,
    // What hangs fails, with its name, and a server that is left over ends with its file.
    timeout: limit,
    forceExit: true,
  });
  const failures = [];
  stream.on('test:pass', ({ skip, todo }) => skip || todo || (counts.passed += 1));
  stream.on('test:fail', (failure) => {
    counts.failed += 1;
    failures.push(failure);
  });
  for await (const { type, data } of stream) {
    if (type === 'test:stderr' && data.message.trim()) process.stderr.write(data.message);
  }
  for (const { name, file, line, details } of failures) {
    const { cause, message, failureType } = details.error;
    if (failureType === 'subtestsFailed') continue;
    console.log(`  ✖ ${name}  (${file?.replace(`${root}/`, '')}:${line})\n${indented(cause?.message ?? message)}`);
  }
  return counts;
}

const indented = (text) => String(text).split('\n').slice(0, 30).map((line) => `      ${line}`).join('\n');
