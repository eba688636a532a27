import * as z from 'zod';

const document = z.record(z.string(), z.unknown());

export type ApiDocument = z.output<typeof document>;

/** Fetches a document that the gateway serves. @throws Error when it is refused, or is no JSON object */
export async function fetchDocument(url: string, signal?: AbortSignal): Promise<ApiDocument> {
  const response = await fetch(url, { signal: signal ?? null });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return document.parse(await response.json());
}

export function formatDocument(value: ApiDocument): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
