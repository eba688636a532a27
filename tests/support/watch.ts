import { existsSync } from 'node:fs';
import { startVitest } from 'vitest/node';

// A change runs the test file beside it and loaded tests that import it, but no system tests.
const vitest = await startVitest('test', [], { watch: true, standalone: true, project: ['unit', 'parts'] });
vitest.vite.watcher.on('change', (file) => {
  const test = file.replace(/\.ts$/, '.test.ts');
  // vitest knows what a file imports only after a test has loaded it.
  if (test !== file && existsSync(test)) vitest.watcher.onFileChange(test);
});
const all = await vitest.globTestSpecifications();
await vitest.runTestSpecifications(all.filter(({ project }) => project.name === 'unit'));
