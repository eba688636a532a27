import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { ADMIN, createClient, logIn } from '../support/client.ts';
import { type Clone, cloneTree } from '../support/clone-tree.ts';
import { startStack } from './stack.ts';

/** Each step takes a few seconds, or more on a busy machine. */
const WITHIN_MS = 240_000;
const MOST_OUTPUT = 64 * 1024 * 1024;

let clone: Clone;
let said: string;

/** Rejects with the program's output unless it ends with 0. */
const run = async (...args: string[]): Promise<string> => {
  const options = { cwd: clone.root, env: clone.env, maxBuffer: MOST_OUTPUT };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return stdout;
};

const packageFile = (file: string) => join(clone.root, 'node_modules', file);

beforeAll(async () => {
  clone = await cloneTree();
  said = await run('tools/new-service.ts', 'time-entries');
}, WITHIN_MS);
afterAll(() => clone.remove());

test('given a new service, then every written file is listed, and a tree with changes is refused', async () => {
  for (const file of ['services/services.ts', 'services/time-entries/src/service.ts', 'docker-compose.yml']) {
    expect(said).toContain(`wrote ${file}\n`);
  }
  expect(said).toMatch(/npm run generate [\s\S]*npm run docs /);
  await expect(run('tools/new-service.ts', 'time-slots')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('the tree has changes that are not committed'),
  });
});

test('given a new service, then types, format and linter find no fault', { timeout: WITHIN_MS }, async () => {
  await run(packageFile('typescript/bin/tsc'));
  await run(packageFile('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings');
});

test('given a new service, then it passes its tests and those of all files that name services', {
  timeout: WITHIN_MS,
}, async () => {
  const own = [
    'services/time-entries',
    'tests/deploy/services',
    'tests/deploy/generated',
    'tests/deploy/settings',
  ];
  const more = ['tests/deploy/packages', 'tests/deploy/variables', 'tests/deploy/kubernetes'];
  const report = await run(packageFile('vitest/vitest.mjs'), 'run', '--maxWorkers=2', ...own, ...more);
  expect(report).toMatch(/Test Files .* passed/);
});

test('given the commands that it names, then the documents agree', { timeout: WITHIN_MS }, async () => {
  await run('tools/generate.ts');
  await run('tools/docs.ts');
  const facts = ['facts', 'openapi', 'openapi-fields'].map((name) => `tests/document/${name}.test.ts`);
  const report = await run(packageFile('vitest/vitest.mjs'), 'run', '--maxWorkers=2', ...facts);
  expect(report).toMatch(/Test Files .*3 passed/);
});

const paths = z.object({ paths: z.record(z.string(), z.unknown()) });
const entry = z.object({ id: z.string(), title: z.string() });

test('given a stack of the clone, then the gateway describes the service and sends requests there', {
  timeout: WITHIN_MS,
}, async () => {
  const stack = await startStack([], clone.env, undefined, clone.root);
  try {
    // The document in this repository does not describe the service.
    const call = createClient(stack.api, ['/time-entries']);
    const document = await (await fetch(`${stack.api}/openapi.json`)).json();
    expect(Object.keys(paths.parse(document).paths)).toContain('/api/v1/time-entries/{id}');
    const token = await logIn(call, ADMIN.email, ADMIN.password);
    const { body } = await call('POST', '/time-entries/', { token, body: { title: 'first' } });
    const { id } = entry.parse(body);
    expect(await call('GET', `/time-entries/${id}`, { token })).toMatchObject({ body: { title: 'first' } });
    const events = await (await fetch(`${stack.api}/asyncapi.json`)).text();
    expect(events).toContain('time-entry.created');
  } finally {
    await stack.stop();
  }
});
