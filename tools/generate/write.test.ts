import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compareFiles, describeDifference, writeFiles } from './compare.ts';
import { CLIENT_FOLDER, type Files, OPENAPI_FILE, readGeneratedFiles } from './files.ts';

const SDK = `${CLIENT_FOLDER}/sdk.gen.ts`;
const NESTED = `${CLIENT_FOLDER}/core/auth.gen.ts`;
const generated: Files = new Map([
  [OPENAPI_FILE, '{}\n'],
  [SDK, 'export class ItemsService {}\n'],
  [NESTED, 'export type Auth = string;\n'],
]);
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'quartet-test-generate-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const put = async (file: string, content: string): Promise<void> => {
  await mkdir(join(root, file, '..'), { recursive: true });
  await writeFile(join(root, file), content);
};

test('given an empty folder, then every file is missing, and is written', async () => {
  const missing = [...generated.keys()].sort().map((file) => ({ file, is: 'missing' }));
  expect(await compareFiles(root, generated)).toEqual(missing);
  expect(await writeFiles(root, generated)).toEqual(missing);
  expect(await readGeneratedFiles(root)).toEqual(generated);
});

test('given current files, then there is no difference and nothing is written', async () => {
  await writeFiles(root, generated);
  expect(await compareFiles(root, generated)).toEqual([]);
  expect(await writeFiles(root, generated)).toEqual([]);
});

test('given a stale and a superfluous file, then both are named; writing corrects one and removes the other', async () => {
  await writeFiles(root, generated);
  await put(SDK, 'export class ItemService {}\n');
  await put(`${CLIENT_FOLDER}/old/former.gen.ts`, '');
  const differences = await compareFiles(root, generated);
  expect(differences.map(describeDifference)).toEqual([
    `${CLIENT_FOLDER}/old/former.gen.ts is no longer generated: run "npm run generate"`,
    `${SDK} is stale: run "npm run generate"`,
  ]);
  await writeFiles(root, generated);
  expect(await readGeneratedFiles(root)).toEqual(generated);
});

test('given files beside the generated ones, then they are ignored', async () => {
  await writeFiles(root, generated);
  await put('docs/events.md', '# Events\n');
  await put('clients/typescript/README.md', '# Client\n');
  expect(await writeFiles(root, generated)).toEqual([]);
  expect(await readFile(join(root, 'docs/events.md'), 'utf8')).toBe('# Events\n');
});
