// Runs several files of tests.

import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

/** How many files run at a time. Most of a test is waiting, and two browsers fit on the two cores of a small machine. */
const AT_A_TIME = 2;

/** Runs the files with these names, beside the one at the address `home`, to their end; the process fails if a test of one does. */
export async function play(home, names) {
  const files = names.map((name) => fileURLToPath(new URL(`${name}.mjs`, home)));
  const events = run({ files, concurrency: AT_A_TIME });
  events.on('test:fail', () => { process.exitCode = 1; });
  for await (const text of events.compose(spec)) process.stdout.write(text);
}
