import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Contents of files by their paths below a root, with `/`. */
export type Files = Map<string, string>;

export const OPENAPI_FILE = 'docs/openapi.json';
export const ASYNCAPI_FILE = 'docs/asyncapi.json';
export const CLIENT_FOLDER = 'clients/typescript/src';

/** What nobody but the generator writes: any other file in there is left from former times. */
const OWNED = [OPENAPI_FILE, ASYNCAPI_FILE, `${CLIENT_FOLDER}/**`];

/**
 * Reads the generated files that are there.
 * @param root absolute path of the repository, or of a folder with the same layout
 */
export async function readGeneratedFiles(root: string): Promise<Files> {
  const files: Files = new Map();
  for await (const entry of glob(OWNED, { cwd: root, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(root.length + 1).replaceAll('\\', '/'), await readFile(path, 'utf8'));
  }
  return files;
}
