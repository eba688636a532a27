import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { tempFolder } from '../tests/support/temp-folder.ts';
import { stripSources } from './stack/stripped-sources.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '..');
const { signal } = new AbortController();

async function prepared() {
  const folder = await tempFolder();
  return { folder, result: await stripSources(process.env, signal, folder) };
}

/** Imports a file in a process of its own, and returns whether that loaded Node's type stripper. */
async function usesStripper(file: string, options: string[] = []): Promise<boolean> {
  const script = `
    await import(${JSON.stringify(pathToFileURL(file).href)});
    console.log(process.moduleLoadList.some((name) => name.includes('amaro')));`;
  const args = [...options, '--input-type=module', '--eval', script];
  const { stdout } = await run(process.execPath, args, { cwd: ROOT });
  return stdout.trim() === 'true';
}

const SERVICE = join(ROOT, 'services/auth/src/service.ts');

test('given stripped sources, when a process preloads them, then it runs without Node’s type stripper', async () => {
  const { folder, result } = await prepared();
  expect(result).toEqual({ preload: pathToFileURL(join(folder, 'load.js')).href });
  const preload = ['--import', join(folder, 'load.js')];
  expect(await Promise.all([usesStripper(SERVICE), usesStripper(SERVICE, preload)])).toEqual([true, false]);
}, 120_000);

test('given a source that was changed afterwards, then Node strips it, and an error has its own file and line', async () => {
  const { folder } = await prepared();
  const file = join(await tempFolder(), 'changed.ts');
  await writeFile(file, 'type Gone = string;\n\nthrow new Error("changed" satisfies Gone);\n');
  const failing = run(process.execPath, ['--import', join(folder, 'load.js'), file]);
  await expect(failing).rejects.toMatchObject({ stderr: expect.stringContaining('changed.ts:3') });
});

test('given a stripped source, when it fails, then its stack trace has the lines of the TypeScript file', async () => {
  const { folder } = await prepared();
  const script = `
    const { unavailable } = await import('./libs/common/src/errors.ts');
    console.log(unavailable('x').stack);`;
  const args = ['--input-type=module', '--eval', script];
  const options = { cwd: ROOT };
  const [direct, stripped] = await Promise.all([
    run(process.execPath, args, options),
    run(process.execPath, ['--import', join(folder, 'load.js'), ...args], options),
  ]);
  expect(direct.stdout).toMatch(/errors\.ts:\d+:\d+/);
  expect(stripped.stdout).toBe(direct.stdout);
});

test('given an old file in the folder, when two starts strip at once, then both succeed and it is removed', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'old.js'), '');
  const both = await Promise.all([1, 2].map(() => stripSources(process.env, signal, folder)));
  expect(both.map((result) => Object.keys(result))).toEqual([['preload'], ['preload']]);
  const files = await readdir(folder);
  expect(files.length).toBeGreaterThan(150);
  expect(files.filter((name) => !/^([0-9a-f]{64}|load)\.js$|^package\.json$/.test(name))).toEqual([]);
});

test('given a folder that cannot be made, then the reason is returned', async () => {
  const file = join(await tempFolder(), 'file');
  await writeFile(file, '');
  expect(await stripSources(process.env, signal, join(file, 'folder'))).toEqual({
    failure: expect.stringMatching(/ENOTDIR/),
  });
});
