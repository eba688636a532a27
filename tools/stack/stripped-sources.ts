import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runChild } from '../child-process.ts';

const PROGRAM = resolve(import.meta.dirname, '../strip-types.ts');
const FOLDER = resolve(import.meta.dirname, '../../.cache/stripped');

export type Stripped = { preload: string } | { failure: string };

/** Removes the types of all sources, once for each content, and returns what a process preloads to use the result. */
export async function stripSources(
  { NODE_OPTIONS: _, ...env }: NodeJS.ProcessEnv,
  signal: AbortSignal,
  folder = FOLDER,
): Promise<Stripped> {
  const args = ['--disable-warning=ExperimentalWarning', PROGRAM, folder];
  const { code, output, error } = await runChild(process.execPath, args, { env, signal });
  if (code === 0) return { preload: pathToFileURL(resolve(folder, 'load.js')).href };
  return { failure: error ?? output.split('\n').find((line) => /Error/.test(line)) ?? `exit code ${code}` };
}
