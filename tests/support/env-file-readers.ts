import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { runChild } from '../../tools/child-process.ts';
import { findPython } from '../../tools/fuzz/python.ts';

const PYTHON_DOTENV = 'python-dotenv==1.2.4';
const CACHE = resolve(import.meta.dirname, '../../.cache/python-dotenv-1.2.4');
const PROGRAM = `
import json, sys
from dotenv import dotenv_values
print(json.dumps([dotenv_values(file) for file in sys.argv[1:]]))`;

const { PATH, HOME, DOCKER_CONFIG } = process.env;
const env = { PATH, HOME, DOCKER_CONFIG };

/** Returns undefined when `docker compose` is available, and otherwise the reason. */
export async function missingCompose(): Promise<string | undefined> {
  const { code, output, error } = await runChild('docker', ['compose', 'version'], { env });
  return code === 0 ? undefined : `docker compose cannot be run: ${error ?? output.split('\n')[0]}`;
}

const composed = z.object({
  services: z.object({ reader: z.object({ environment: z.record(z.string(), z.string()) }) }),
});

/** No engine is needed. @throws {Error} with the message of compose */
export async function readByCompose(
  folder: string,
  file: string,
  names: readonly string[],
): Promise<Record<string, string | undefined>> {
  await writeFile(join(folder, '.env'), file);
  const environment = Object.fromEntries(names.map((name) => [name, `\${${name}-${UNSET}}`]));
  const project = { name: 'reader', services: { reader: { image: 'none', environment } } };
  await writeFile(join(folder, 'compose.json'), JSON.stringify(project));
  const args = ['compose', '--env-file', '.env', '-f', 'compose.json', 'config', '--format', 'json'];
  const { code, output } = await runChild('docker', args, { env, cwd: folder });
  if (code !== 0) throw new Error(output);
  const read = composed.parse(JSON.parse(output)).services.reader.environment;
  // compose doubles every dollar sign, so that its output can be read again.
  const plain = (text = UNSET) => (text === UNSET ? undefined : text.replaceAll('$$', '$'));
  return Object.fromEntries(names.map((name) => [name, plain(read[name])]));
}

const UNSET = 'it is not there';

/** Fetches python-dotenv into .cache; returns a reason when that fails. */
export async function missingPython(): Promise<string | undefined> {
  if (await isThere(CACHE)) return undefined;
  try {
    const { command } = await findPython(process.env);
    const args = ['-m', 'pip', 'install', PYTHON_DOTENV, '--target', CACHE, '--no-deps', '--no-compile'];
    args.push('--disable-pip-version-check', '--no-input', '--quiet');
    const noVenv = { PIP_REQUIRE_VIRTUALENV: 'false', PIP_ROOT_USER_ACTION: 'ignore' };
    const { code, output } = await runChild(command, args, { env: { ...process.env, ...noVenv } });
    return code === 0 ? undefined : `python-dotenv cannot be installed: ${output.split('\n').at(-1)}`;
  } catch (err) {
    return String(err);
  }
}

export async function readByPython(folder: string, files: readonly string[]) {
  await mkdir(folder, { recursive: true });
  const paths = files.map((_, at) => join(folder, `${at}.env`));
  await Promise.all(paths.map((path, at) => writeFile(path, files[at] ?? '')));
  const { command } = await findPython(process.env);
  const { output } = await runChild(command, ['-c', PROGRAM, ...paths], {
    env: { PATH, PYTHONPATH: CACHE, PYTHONUTF8: '1', PYTHONWARNINGS: 'ignore' },
  });
  const json = output.split('\n').at(-1) ?? '';
  return z.array(z.record(z.string(), z.string().nullable())).parse(JSON.parse(json));
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
