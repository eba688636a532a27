import { Busboy, type BusboyInstance } from '@fastify/busboy';

/**
 * The text fields of a multipart form (RFC 7578), in order; none when it is broken. Files are no fields.
 * @param type its whole content type, with the boundary
 */
export async function readMultipart(type: string, bytes: Buffer): Promise<[string, string][]> {
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

/** Undefined when the type names no boundary, or one that is too long (RFC 2046, 5.1.1: 70 characters). */
function createParser(type: string): BusboyInstance | undefined {
  try {
    const isPartAFile = (_field?: string, _type?: string, fileName?: string) => fileName !== undefined;
    return new Busboy({ headers: { 'content-type': type }, isPartAFile });
  } catch {
    return undefined;
  }
}
