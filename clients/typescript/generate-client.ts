import { createClient } from '@hey-api/openapi-ts';
import config from './openapi-ts.config.ts';

/**
 * Writes the client that a document describes.
 *
 * @param document OpenAPI 3.1
 * @param folder absolute path; emptied first
 * @throws Error when the generator cannot make a client of it; the cause says why
 */
export async function generateClient(document: Record<string, unknown>, folder: string): Promise<void> {
  const { output, ...options } = await config;
  if (typeof output !== 'object' || !('path' in output)) throw new Error('the configuration has one output');
  await createClient({
    ...options,
    input: document,
    output: { ...output, path: folder },
    logs: { file: false, level: 'silent' },
  }).catch((err: unknown) => {
    throw new Error('no client can be generated from the document', { cause: err });
  });
}
