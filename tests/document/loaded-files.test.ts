import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { allFiles } from './markdown.ts';

const run = promisify(execFile);
/** Lower it when there are fewer files; one more file needs a reason. */
const MOST_FILES = 126;

const root = new URL('../../', import.meta.url);

/** Lists our files that a process of items has loaded after reading its configuration. */
const SCRIPT = `
import { registerHooks } from 'node:module';
const loaded = new Set();
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:') && !url.includes('/node_modules/')) loaded.add(url);
    return next(url, context);
  },
});
await import('./services/items/src/service.ts');
await import('./services/items/src/config.ts');
await import('./libs/common/src/process/lifecycle.ts');
console.log([...loaded].join('\\n'));
`;

async function loadedFiles(): Promise<string[]> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', SCRIPT], { cwd: root });
  return stdout.trim().split('\n');
}

test('given a service, then its process loads few files, and none of a disabled feature', async () => {
  const files = await loadedFiles();
  expect(files.length).toBeLessThanOrEqual(MOST_FILES);
  expect(files.length).toBeGreaterThan(40);
  for (const off of [
    'telemetry/open-telemetry',
    'telemetry/sentry',
    'email-address',
    'events/user-request',
  ]) {
    expect(allFiles.filter((file) => file.includes(off))).not.toEqual([]);
    expect(files.filter((file) => file.includes(off))).toEqual([]);
  }
});
