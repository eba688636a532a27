import { existsSync } from 'node:fs';
import { startVitest } from 'vitest/node';

// Runs the unit tests, and then, at each change, the tests that it concerns: the changed test file, the one beside the
// changed file, and those that ran before and import it. The tests of the whole system are left out.
const vitest = await startVitest('test', [], { watch: true, standalone: true, project: ['unit', 'parts'] });
vitest.vite.watcher.on('change', (file) => {
  const test = file.replace(/\.ts$/, '.test.ts');
  // vitest knows what a file concerns only once a test has imported it.
  if (test !== file && existsSync(test)) vitest.watcher.onFileChange(test);
});
const all = await vitest.globTestSpecifications();
await vitest.runTestSpecifications(all.filter(({ project }) => project.name === 'unit'));
