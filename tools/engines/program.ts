import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { runChild } from '../child-process.ts';
import { type Report, SourceUnavailable } from './types.ts';

export type PathProgram = { name: string; version: RegExp; oldest: [major: number, minor: number] };

/** Finds an installed program that is new enough. @throws {SourceUnavailable} when there is none */
export async function findProgram(
  program: PathProgram,
  env: NodeJS.ProcessEnv,
  report: Report,
): Promise<{ file: string; version: string }> {
  const found = await onPath(program.name, env);
  if (found.length === 0) throw new SourceUnavailable('not found');
  const passedOver: string[] = [];
  for (const file of found) {
    const { output, error } = await runChild(file, ['--version'], { env, timeoutMs: 5000 });
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
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter((folder) => folder !== '');
  const files = folders.map((folder) => join(folder, fileName));
  const found = await Promise.allSettled(files.map((file) => access(file, constants.X_OK)));
  return files.filter((_, at) => found[at]?.status === 'fulfilled');
}
