import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChild } from '../child-process.ts';
import { installSchemathesis } from './install.ts';
import { findPython } from './python.ts';

let folder: string;
const said: string[] = [];
const report = {
  progress: (line: string) => void said.push(line),
  notice: (line: string) => void said.push(line),
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quartet-python-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function command(name: string, script: string): Promise<string> {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return join(folder, name);
}

describe('Python', () => {
  it('is the first one that is new enough and has pip', async () => {
    const commands = [
      join(folder, 'absent'),
      await command('old', 'echo 3 9 23.0'),
      await command('bare', `echo "ModuleNotFoundError: No module named 'pip'" >&2; exit 1`),
      await command('broken', 'echo Traceback; echo "ImportError: libc" >&2; exit 1'),
    ];
    const good = await command('good', 'echo 3 14 26.1');
    expect(await findPython(process.env, undefined, [...commands, good])).toEqual({
      command: good,
      version: '3.14',
    });
    const refusal = findPython(process.env, undefined, commands);
    await expect(refusal).rejects.toThrow('needs Python 3.11 or newer with pip');
    await expect(refusal).rejects.toThrow(
      /absent: not found\n.*old: 3\.9 is too old\n.*bare: has no pip\n.*broken: /s,
    );
  });
});

describe('the installation', () => {
  it('happens once for a Python, and leaves nothing but its folder', async () => {
    const cache = join(folder, 'cache');
    const pip = await command('pip', `echo "$@" >> ${folder}/asked; echo Collecting schemathesis`);
    const python = { command: pip, version: '3.11' };
    const first = await installSchemathesis(cache, python, process.env, report);
    const second = await installSchemathesis(cache, python, process.env, report);
    expect(second).toBe(first);
    expect(await readdir(cache)).toEqual([first.slice(cache.length + 1)]);
    const asked = (await readFile(join(folder, 'asked'), 'utf8')).trim().split('\n');
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatch(/^-m pip install --requirement .*requirements\.txt --target /);
    expect(said).toContain('Collecting schemathesis');
    const other = await installSchemathesis(cache, { command: pip, version: '3.12' }, process.env, report);
    expect(other).not.toBe(first);
  });

  it('reports why pip failed, and is repeated the next time', async () => {
    const cache = join(folder, 'none');
    const pip = await command('failing', 'echo "ERROR: No matching distribution found for x" >&2; exit 1');
    const attempt = installSchemathesis(cache, { command: pip, version: '3.11' }, process.env, report);
    await expect(attempt).rejects.toThrow(
      'could not be installed: ERROR: No matching distribution found for x',
    );
    expect(await readdir(cache)).toEqual([]);
  });
});

describe('a child', () => {
  it('ends with the signal', async () => {
    const controller = new AbortController();
    const started = Promise.withResolvers<void>();
    const child = runChild(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], {
      env: process.env,
      onLine: () => started.resolve(),
      signal: controller.signal,
    });
    await started.promise;
    controller.abort(new Error('enough'));
    await expect(child).rejects.toThrow('enough');
  });
});
