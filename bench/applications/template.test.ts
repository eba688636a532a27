import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { UsageError } from '../../tools/command-line.ts';
import { findPostgres } from './postgres.ts';
import { checkApplications } from './start.ts';
import { findTemplate } from './template.ts';

async function folderWith(...files: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quartet-bench-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), '');
    await chmod(join(folder, file), 0o755);
  }
  return folder;
}

const SOURCE = ['backend/app/main.py', 'backend/alembic.ini'];

test.each([
  ['its own environment', 'backend/.venv/bin/fastapi', 'backend/.venv/bin'],
  ['the environment of its workspace', '.venv/bin/fastapi', '.venv/bin'],
])('given a clone with %s, then its programs are found', async (_, program, programs) => {
  const clone = await folderWith(...SOURCE, program);
  const backend = join(clone, 'backend');
  expect(await findTemplate(backend)).toEqual({ backend, programs: join(clone, programs) });
});

test.each([
  ['no source', [], /backend has no app\/main\.py; name the folder backend of a clone/],
  ['no migrations', ['backend/app/main.py'], /backend has no alembic\.ini/],
  ['no environment', SOURCE, /backend has no \.venv with the program fastapi; run "uv sync" there/],
])('given a folder with %s, then it is refused', async (_, files, message) => {
  const refused = findTemplate(join(await folderWith(...files), 'backend'));
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toThrow(UsageError);
});

test('given a folder without PostgreSQL, then the message names what is missing', async () => {
  const folder = await folderWith('initdb');
  await expect(findPostgres(folder)).rejects.toThrow(`initdb and postgres are not in ${folder}`);
  await expect(findPostgres(folder)).rejects.toThrow(UsageError);
});

test('given no PocketBase at the path, then it is refused', async () => {
  const wanted = { template: undefined, postgres: undefined, routes: [] };
  const pocketbase = join(await folderWith(), 'pocketbase');
  const checked = checkApplications({ ...wanted, pocketbase });
  await expect(checked).rejects.toThrow(`--pocketbase: ${pocketbase} is not a program`);
});
