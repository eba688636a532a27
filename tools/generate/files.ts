import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The keys are paths below a root, with `/`. */
export type Files = Map<string, string>;

export const OPENAPI_FILE = 'docs/openapi.json';
export const ASYNCAPI_FILE = 'docs/asyncapi.json';
export const CLIENT_FOLDER = 'clients/typescript/src';
export const EVENTS_FOLDER = `${CLIENT_FOLDER}/events`;

/** Only the generator writes here: any other file is a leftover. */
const OWNED = [OPENAPI_FILE, ASYNCAPI_FILE, `${CLIENT_FOLDER}/**`];

export async function readGeneratedFiles(root: string): Promise<Files> {
  const files: Files = new Map();
  for await (const entry of glob(OWNED, { cwd: root, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(root.length + 1).replaceAll('\\', '/'), await readFile(path, 'utf8'));
  }
  return files;
}
