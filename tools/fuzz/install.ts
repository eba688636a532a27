import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runChild } from '../child-process.ts';
import type { Report } from '../engines/index.ts';
import { explain } from '../engines/pip.ts';
import { StackError } from '../stack/errors.ts';
import type { Python } from './python.ts';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');

/** pip's `--target` needs no `venv` and no access to the system. @throws {StackError} with pip's reason */
export async function installSchemathesis(
  cache: string,
  python: Python,
  env: NodeJS.ProcessEnv,
  report: Report,
  signal?: AbortSignal,
): Promise<string> {
  const digest = hash('sha256', await readFile(REQUIREMENTS));
  const platform = `${process.platform}-${process.arch}`;
  const folder = join(cache, `python${python.version}-${platform}-${digest.slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const scratch = await mkdtemp(join(cache, 'install-'));
  try {
    report.notice('installing schemathesis into .cache/fuzz (once, 70 MB)');
    await pipInstall(scratch, python, env, report, signal);
    // Another run may have created the folder first; it is equally good.
    await rename(scratch, folder).catch((err: unknown) => {
      if (!existsSync(folder)) throw err;
    });
    report.notice('installed schemathesis');
    return folder;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function pipInstall(
  target: string,
  { command }: Python,
  env: NodeJS.ProcessEnv,
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  const args = ['-m', 'pip', 'install', '--requirement', REQUIREMENTS, '--target', target];
  args.push('--only-binary=:all:', '--no-deps', '--no-compile', '--disable-pip-version-check', '--no-input');
  const result = await runChild(command, args, {
    env: { ...env, PIP_REQUIRE_VIRTUALENV: 'false', PIP_ROOT_USER_ACTION: 'ignore' },
    onLine: (line) => report.progress(line.trim()),
    signal,
  });
  if (result.code !== 0)
    throw new StackError(`schemathesis could not be installed: ${explain(result).reason}`);
}
