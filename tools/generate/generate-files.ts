import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateClient } from '../../clients/typescript/generate-client.ts';
import { type ApiDocument, fetchDocument, formatDocument } from './documents.ts';
import { ASYNCAPI_FILE, CLIENT_FOLDER, type Files, OPENAPI_FILE, readGeneratedFiles } from './files.ts';

/** For the stack to generate from: its documents must not depend on the machine. */
export const generatorSettings = { ENVIRONMENT: 'local', PROJECT_NAME: 'Quartet' };

/**
 * Generates everything that is checked in, and writes nothing into the repository.
 * @param api of a stack started with `generatorSettings`, such as `http://127.0.0.1:8000/api/v1`
 */
export async function generateFiles(
  api: string,
  report: (step: string) => void = () => {},
  signal?: AbortSignal,
): Promise<Files> {
  report('reading the documents');
  const openApi = await fetchDocument(`${api}/openapi.json`, signal);
  const asyncApi = await fetchDocument(`${api}/asyncapi.json`, signal);
  report('generating the TypeScript client');
  const files = await clientFiles(openApi);
  signal?.throwIfAborted();
  return files.set(OPENAPI_FILE, formatDocument(openApi)).set(ASYNCAPI_FILE, formatDocument(asyncApi));
}

async function clientFiles(openApi: ApiDocument): Promise<Files> {
  const root = await mkdtemp(join(tmpdir(), 'quartet-generate-'));
  try {
    await generateClient(openApi, join(root, CLIENT_FOLDER));
    return await readGeneratedFiles(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
