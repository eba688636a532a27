import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { run } from './run.ts';
import type { Report } from './types.ts';
import { SourceUnavailable } from './types.ts';

/** A program that may be installed, and the oldest version of it that will do. */
export type PathProgram = {
  name: string;
  /** Finds major and minor in what `--version` prints. */
  version: RegExp;
  oldest: [major: number, minor: number];
};

/**
 * Finds an installed program that is new enough, and says which it passed over.
 * Throws SourceUnavailable with the reason when there is none.
 */
export async function findProgram(
  program: PathProgram,
  env: NodeJS.ProcessEnv,
  report: Report,
): Promise<{ file: string; version: string }> {
  const found = await onPath(program.name, env);
  if (found.length === 0) {
    throw new SourceUnavailable('not found');
  }
  const passedOver: string[] = [];
  for (const file of found) {
    const { output, error } = await run(file, ['--version'], { env, timeoutMs: 5000 });
    const [version, major, minor] = program.version.exec(output) ?? [];
    if (version !== undefined && !isOlder([Number(major), Number(minor)], program.oldest)) {
      return { file, version: `${major}.${minor}` };
    }
    const reason =
      version === undefined
        ? `does not tell its version${error === undefined ? '' : ` (${error})`}`
        : `is version ${major}.${minor}, older than ${program.oldest.join('.')}`;
    report.notice(`${file} is passed over: it ${reason}`);
    passedOver.push(`${file} ${reason}`);
  }
  throw new SourceUnavailable(passedOver.join('; '));
}

function isOlder(version: [number, number], oldest: [number, number]): boolean {
  return version[0] < oldest[0] || (version[0] === oldest[0] && version[1] < oldest[1]);
}

async function onPath(name: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const fileName = process.platform === 'win32' ? `${name}.exe` : name;
  const found: string[] = [];
  for (const folder of (env.PATH ?? env.Path ?? '').split(delimiter)) {
    const file = join(folder, fileName);
    if (
      folder !== '' &&
      (await access(file, constants.X_OK).then(
        () => true,
        () => false,
      ))
    ) {
      found.push(file);
    }
  }
  return found;
}
