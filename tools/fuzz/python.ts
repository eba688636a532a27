import { runChild } from '../child-process.ts';
import { StackError } from '../stack/errors.ts';

const LEAST_MINOR = 11;
const PROBE = 'import sys, pip; print(sys.version_info.major, sys.version_info.minor, pip.__version__)';

export type Python = { command: string; version: string };

/** The default Python may be too old. */
const COMMANDS = ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];

/** Finds a Python that is new enough and has pip. @throws {StackError} with what was tried */
export async function findPython(
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
  commands: readonly string[] = COMMANDS,
): Promise<Python> {
  const failures: string[] = [];
  for (const command of commands) {
    const found = await probe(command, env, signal);
    if (typeof found !== 'string') return found;
    failures.push(`${command}: ${found}`);
  }
  throw new StackError(
    `schemathesis needs Python 3.${LEAST_MINOR} or newer with pip (Debian: apt-get install python3-pip)\n  ${failures.join('\n  ')}`,
  );
}

async function probe(
  command: string,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<Python | string> {
  const { code, output, error } = await runChild(command, ['-c', PROBE], { env, signal });
  if (error !== undefined) return error === 'ENOENT' ? 'not found' : error;
  if (output.includes("No module named 'pip'")) return 'has no pip';
  const [major = '', minor = ''] = output.split(' ');
  if (code !== 0) return output.split('\n').at(-1) || `ended with ${code}`;
  return major === '3' && Number(minor) >= LEAST_MINOR
    ? { command, version: `${major}.${minor}` }
    : `${major}.${minor} is too old`;
}
