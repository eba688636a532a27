import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { generateClient } from '../../clients/typescript/generate-client.ts';
import { type EventsDocument, generateEvents } from '../../clients/typescript/generate-events.ts';
import {
  ASYNCAPI_FILE,
  CLIENT_FOLDER,
  EVENTS_FOLDER,
  type Files,
  OPENAPI_FILE,
  readGeneratedFiles,
} from './files.ts';

/** The generated documents must not depend on the machine. */
export const generatorSettings = { ENVIRONMENT: 'local', PROJECT_NAME: 'Quartet' };

export async function generateFiles(
  api: string,
  report: (step: string) => void = () => {},
  signal?: AbortSignal,
): Promise<Files> {
  report('reading the documents');
  const openApi = await fetchDocument(`${api}/openapi.json`, signal);
  const asyncApi = await fetchDocument(`${api}/asyncapi.json`, signal);
  report('generating the TypeScript client');
  const files = await clientFiles(openApi, events.parse(asyncApi));
  signal?.throwIfAborted();
  return files.set(OPENAPI_FILE, formatDocument(openApi)).set(ASYNCAPI_FILE, formatDocument(asyncApi));
}

async function clientFiles(openApi: ApiDocument, asyncApi: EventsDocument): Promise<Files> {
  const root = await mkdtemp(join(tmpdir(), 'quartet-generate-'));
  try {
    await generateClient(openApi, join(root, CLIENT_FOLDER));
    await generateEvents(asyncApi, join(root, EVENTS_FOLDER));
    return await readGeneratedFiles(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const document = z.record(z.string(), z.unknown());

type ApiDocument = z.output<typeof document>;

const events = z.object({
  components: z.object({
    schemas: z.record(z.string(), document),
    messages: z.record(z.string(), z.object({ payload: document })),
  }),
});

/** @throws {Error} when the document is refused, or is no JSON object */
async function fetchDocument(url: string, signal?: AbortSignal): Promise<ApiDocument> {
  const response = await fetch(url, { signal: signal ?? null });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return document.parse(await response.json());
}

const formatDocument = (value: ApiDocument): string => `${JSON.stringify(value, null, 2)}\n`;
