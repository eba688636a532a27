import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { runChild } from '../child-process.ts';
import { provideEmbedded, WrongHash } from './embedded.ts';
import { platformOf } from './platform.ts';
import type { Report } from './types.ts';
import { unzip } from './unzip.ts';
import type { WheelPackage } from './wheels.ts';
import { databaseWheels } from './wheels.ts';

let folder: string;
let env: NodeJS.ProcessEnv;
const said: string[] = [];
const report: Report = { progress: (line) => void said.push(line), notice: (line) => void said.push(line) };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quartet-embedded-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  said.length = 0;
  // The real pip uses a local folder instead of a registry.
  env = {
    ...process.env,
    QUARTET_CACHE: join(folder, 'cache'),
    PIP_NO_INDEX: '1',
    PIP_FIND_LINKS: join(folder, 'shelf'),
  };
});

/** Puts a wheel with a small program into the folder, and returns its description. */
async function tinyPackage(change: { sha256?: string; bytes?: number } = {}): Promise<WheelPackage> {
  const shelf = join(folder, 'shelf');
  await mkdir(shelf);
  const file = join(shelf, 'tinyengine-1.0-py3-none-any.whl');
  const script = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as wheel:
    wheel.writestr('tiny/program', '#!/bin/sh\\necho hello ' + 'x' * 5000)
    wheel.writestr('tiny/stored', 'as it is', zipfile.ZIP_STORED)
    wheel.writestr('other/ignored', '')
    wheel.writestr('tinyengine-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: tinyengine\\nVersion: 1.0\\n')
    wheel.writestr('tinyengine-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr('tinyengine-1.0.dist-info/RECORD', '')
`;
  expect(await runChild('python3', ['-c', script, file], { env: process.env })).toMatchObject({ code: 0 });
  const content = await readFile(file);
  const sha256 = change.sha256 ?? createHash('sha256').update(content).digest('hex');
  const bytes = change.bytes ?? content.length;
  const wheel = { tag: 'any', sha256, bytes, program: 'tiny/program', folders: ['tiny/'] };
  return { name: 'tinyengine', version: '1.0', wheels: { here: wheel } };
}

const request = () => ({ role: 'database', env, report, platform: 'here' });

describe('an embedded engine', () => {
  it('is fetched once, checked, unpacked and made executable; the second time needs no pip', async () => {
    const pkg = await tinyPackage();
    const program = await provideEmbedded(pkg, request());
    expect((await runChild(program, [], { env })).output).toMatch(/^hello x+$/);
    expect(await readdir(join(program, '..'))).toEqual(['program', 'stored']);
    expect(await readFile(join(program, '..', 'stored'), 'utf8')).toBe('as it is');
    expect(await readdir(join(folder, 'cache', 'engines'))).toEqual(['tinyengine-1.0-any']);
    expect(said.at(-1)).toBe('database engine tinyengine 1.0: 0.0 MB fetched, SHA-256 as pinned');

    said.length = 0;
    const noPip = { ...request(), env: { QUARTET_CACHE: env.QUARTET_CACHE, PATH: '' } };
    expect(await provideEmbedded(pkg, noPip)).toBe(program);
    expect(said).toEqual([]);
  });

  it('is complete when several starts fetch it at once', async () => {
    const pkg = await tinyPackage();
    const programs = await Promise.all([1, 2, 3].map(() => provideEmbedded(pkg, request())));
    expect(new Set(programs).size).toBe(1);
    expect(await readdir(join(folder, 'cache', 'engines'))).toEqual(['tinyengine-1.0-any']);
  });

  it('is refused and deleted when it is not the pinned file', async () => {
    const pkg = await tinyPackage({ sha256: '0'.repeat(64) });
    const err = await provideEmbedded(pkg, request()).catch((err) => err);
    expect(err).toBeInstanceOf(WrongHash);
    expect(err.message).toMatch(/expected SHA-256 0{64}\n {2}found {12}[0-9a-f]{64}$/);
    expect(await readdir(join(folder, 'cache', 'engines'))).toEqual([]);
  });

  it('reports the message of each pip when it cannot be fetched', async () => {
    const pkg = { ...databaseWheels, name: 'not-there' };
    await expect(provideEmbedded(pkg, { ...request(), platform: 'linux-x64-glibc' })).rejects.toThrow(
      /python3 -m pip: ERROR: No matching distribution found for not-there==0\.6\.0b17/,
    );
  });

  describe.skipIf(process.platform === 'win32')('with a slow pip', () => {
    /** Half of the wheel arrives at once, the rest when `folder/go` exists. */
    async function slowPip(): Promise<NodeJS.ProcessEnv> {
      const bin = join(folder, 'bin');
      await mkdir(bin);
      const script = `#!/bin/sh
head -c 300000 /dev/zero > "$TMPDIR/half.whl"
while [ ! -e '${folder}/go' ]; do sleep 0.05; done
cp '${folder}'/shelf/*.whl "$5"
`;
      await writeFile(join(bin, 'python3'), script, { mode: 0o755 });
      return { ...env, PATH: `${bin}${delimiter}${process.env.PATH}` };
    }

    it('shows the progress of the download', async () => {
      const pkg = await tinyPackage({ bytes: 600_000 });
      const providing = provideEmbedded(pkg, { ...request(), env: await slowPip() });
      const line = 'database engine tinyengine 1.0: 0.3 of 0.6 MB';
      await vi.waitFor(() => expect(said).toContain(line), { timeout: 5000 });
      await writeFile(join(folder, 'go'), '');
      await access(await providing);
    });

    it('leaves nothing behind after an abort', async () => {
      const pkg = await tinyPackage({ bytes: 600_000 });
      const controller = new AbortController();
      const report: Report = {
        notice: () => {},
        progress: (line) => line.includes(' of ') && controller.abort(),
      };
      const { signal } = controller;
      await expect(
        provideEmbedded(pkg, { ...request(), env: await slowPip(), report, signal }),
      ).rejects.toThrow('aborted');
      expect(await readdir(join(folder, 'cache', 'engines'))).toEqual([]);
    });
  });

  it('removes old files of a killed start, and keeps a download that may be active', async () => {
    const pkg = await tinyPackage();
    const cache = join(folder, 'cache', 'engines');
    const [old, young] = [join(cache, '.fetching-old'), join(cache, '.fetching-young')];
    await mkdir(old, { recursive: true });
    await mkdir(young);
    const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000);
    await utimes(old, yesterday, yesterday);
    await provideEmbedded(pkg, request());
    await expect(access(old)).rejects.toThrow();
    await access(young);
  });

  it('reports a machine without a build', async () => {
    const platform = platformOf({ platform: 'darwin', arch: 'x64' });
    await expect(provideEmbedded(databaseWheels, { ...request(), platform })).rejects.toThrow(
      'there is no build for darwin-x64',
    );
  });

  it('fails on a file that is no archive', async () => {
    await writeFile(join(folder, 'no.zip'), 'just some text that is long enough');
    await expect(unzip(join(folder, 'no.zip'), folder, [''])).rejects.toThrow('not a zip file');
  });
});
