import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventTypes } from '@quartet/common/events/contracts.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { publishContracts } from './publish-contracts.ts';
import { publishedFolder } from './published-contracts.ts';

let folder: string;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'contracts-')), 'published');
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

const inFolder = (file: string) => join(folder, file);

test('given nothing published, then every contract is written once, as it is in the repository', async () => {
  const files = eventTypes.map((type) => `${type}.v1.json`);
  expect(await publishContracts(folder)).toEqual(files);
  expect(await publishContracts(folder)).toEqual([]);
  for (const file of files)
    expect(await readFile(inFolder(file), 'utf8')).toBe(await readFile(join(publishedFolder, file), 'utf8'));
});

test('given an older shape that consumers of it can still read, then only its file is written again', async () => {
  await publishContracts(folder);
  const file = inFolder('user.deleted.v1.json');
  const now = await readFile(file, 'utf8');
  await writeFile(file, now.replace('"pattern": "^[0-9a-f]{24}$",', ''));
  expect(await publishContracts(folder)).toEqual(['user.deleted.v1.json']);
  expect(await readFile(file, 'utf8')).toBe(now);
});

test('given a shape whose consumers could not read current events, then nothing is written', async () => {
  await publishContracts(folder);
  const file = inFolder('user.deleted.v1.json');
  const strict = (await readFile(file, 'utf8')).replace('"required": [', '"required": ["name", ');
  const missing = inFolder('item.created.v1.json');
  await writeFile(file, strict);
  await rm(missing);
  await expect(publishContracts(folder)).rejects.toThrow(
    /^event contracts were not published\nuser\.deleted: .+\n {2}data\.name: was required, is gone\n {2}raise its version/,
  );
  expect(await readFile(file, 'utf8')).toBe(strict);
  expect(await readdir(folder)).not.toContain('item.created.v1.json');
});
