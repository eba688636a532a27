import * as z from 'zod';

const document = z.record(z.string(), z.unknown());

/** A document of a running gateway, parsed. */
export type ApiDocument = z.output<typeof document>;

/**
 * Fetches a document that the gateway serves.
 * @param url such as `http://127.0.0.1:8000/api/v1/openapi.json`
 * @throws Error when it is refused, and when it is no JSON object
 */
export async function fetchDocument(url: string, signal?: AbortSignal): Promise<ApiDocument> {
  const response = await fetch(url, { signal: signal ?? null });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return document.parse(await response.json());
}

/** As it is checked in: a diff shows what changed. */
export function formatDocument(value: ApiDocument): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
