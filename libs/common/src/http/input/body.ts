import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { AppError, invalid } from '../../errors.ts';
import { missingBody, notAnObject, notJson } from './body-faults.ts';
import { parseJson } from './json.ts';

/** The limit is in bytes. */
export const BODY_LIMIT = 100_000;

const JSON_TYPE = /^application\/([a-z0-9.!#$&^_-]+\+)?json$/;
const FORM_TYPE = 'application/x-www-form-urlencoded';
const MULTIPART_TYPE = 'multipart/form-data';

/**
 * Reads a JSON object. A browser (`Origin`) must name the media type, else any page could send the request.
 * @throws {AppError} `too-large`; `invalid` when there is no body, no JSON, or no object in it
 */
export async function readJsonObject(req: IncomingMessage, holdsSecrets: boolean): Promise<object> {
  const bytes = await readBody(req);
  if (bytes.length === 0) throw invalid([missingBody]);
  const text = new TextDecoder().decode(bytes);
  const type = mediaType(req);
  const isJson = type === undefined ? req.headers.origin === undefined : JSON_TYPE.test(type);
  if (!isJson) throw invalid([notAnObject(text, holdsSecrets)]);
  if (!isUtf8(bytes)) throw invalid([notJson(text.indexOf('\uFFFD'), 'Invalid UTF-8')]);
  const parsed = parseJson(text);
  if ('fault' in parsed) throw invalid([notJson(parsed.fault.position, parsed.fault.error)]);
  const { value } = parsed;
  if (value === null) throw invalid([missingBody]);
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid([notAnObject(value, holdsSecrets)]);
  return value;
}

/** Reads a form as FastAPI does: empty fields and files are left out. @throws {AppError} `too-large` */
export async function readForm(req: IncomingMessage): Promise<Record<string, string>> {
  const bytes = await readBody(req);
  const type = mediaType(req);
  const isFilled = (value: string) => value !== '';
  if (type === FORM_TYPE) return lastValues(new URLSearchParams(bytes.toString('utf8')), isFilled);
  if (type !== MULTIPART_TYPE) return {};
  return lastValues(await readMultipart(req.headers['content-type'] ?? '', bytes), isFilled);
}

/** Reads query parameters; the last of a repeated one counts. */
export function readQuery(url: string): Record<string, string> {
  const start = url.indexOf('?');
  return start < 0 ? {} : lastValues(new URLSearchParams(url.slice(start)), () => true);
}

/** Checks the size of a body that the route does not use. @throws {AppError} `too-large` */
export async function discardBody(req: IncomingMessage): Promise<void> {
  if (req.headers['transfer-encoding'] === undefined) refuseDeclared(req);
  else await readBody(req);
}

function refuseDeclared(req: IncomingMessage): void {
  if (Number(req.headers['content-length'] ?? 0) > BODY_LIMIT) throw tooLarge();
}

/** Reads the whole body; `grow` runs before each chunk is kept. @throws {AppError} `too-large` */
export async function readBody(req: IncomingMessage, grow?: (bytes: number) => void): Promise<Buffer> {
  refuseDeclared(req);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // The socket must stay open for the refusal.
    for await (const chunk of req.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > BODY_LIMIT) throw tooLarge();
      grow?.(chunk.length);
      chunks.push(chunk);
    }
  } finally {
    // An unread rest would keep the connection busy and delay a drain.
    req.resume();
  }
  return Buffer.concat(chunks);
}

/** Makes the answer for a body over {@link BODY_LIMIT}. */
export const tooLarge = (): AppError => new AppError('too-large', 'Request body too large');

function mediaType(req: IncomingMessage): string | undefined {
  return req.headers['content-type']?.split(';')[0]?.trim().toLowerCase() || undefined;
}

function lastValues(
  params: Iterable<[string, string]>,
  keep: (value: string) => boolean,
): Record<string, string> {
  return Object.fromEntries([...params].filter(([, value]) => keep(value)));
}

/** A broken multipart form (RFC 7578) has no fields, and files are no fields. */
async function readMultipart(type: string, bytes: Buffer): Promise<[string, string][]> {
  const fields: [string, string][] = [];
  const parser = createParser(type);
  if (!parser) return [];
  parser.on('field', (name: string | undefined, value) => {
    if (typeof name === 'string') fields.push([name, value]);
  });
  return new Promise((resolve) => {
    parser.once('finish', () => resolve(fields));
    parser.on('error', () => resolve([]));
    parser.end(bytes);
  });
}

/** The parser throws without a boundary, or with one of over 70 characters (RFC 2046, 5.1.1). */
function createParser(type: string): BusboyInstance | undefined {
  try {
    const isPartAFile = (_field?: string, _type?: string, fileName?: string) => fileName !== undefined;
    return new Busboy({ headers: { 'content-type': type }, isPartAFile });
  } catch {
    return undefined;
  }
}
