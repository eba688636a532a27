import { isDeepStrictEqual } from 'node:util';
import { API_PREFIX } from '@quartet/common/http/app.ts';
import { SECURITY_SCHEME } from '@quartet/common/openapi/describe-routes.ts';
import type { ApiDocument, ApiPart } from '@quartet/common/openapi/document-types.ts';

export class DocumentConflict extends Error {
  override name = 'DocumentConflict';
}

/** @throws {DocumentConflict} when two parts have one operation, or different schemas of one name */
export function mergeDocument(info: ApiDocument['info'], parts: readonly ApiPart[]): ApiDocument {
  const tags = parts.flatMap((part) => part.tags);
  const paths: ApiDocument['paths'] = {};
  const schemas: ApiPart['schemas'] = {};
  for (const part of parts) {
    for (const [path, operations] of Object.entries(part.paths)) {
      paths[path] = merged(paths[path] ?? {}, operations, (method) => `${method} ${path}`, never);
    }
    merged(schemas, part.schemas, (name) => `schema ${name}`, isDeepStrictEqual);
  }
  return {
    openapi: '3.1.0',
    info,
    tags: tags.filter(({ name }, at) => tags.findIndex((tag) => tag.name === name) === at),
    paths,
    components: { schemas: sorted(schemas), securitySchemes },
  };
}

const securitySchemes = {
  [SECURITY_SCHEME]: {
    type: 'oauth2',
    flows: { password: { scopes: {}, tokenUrl: `${API_PREFIX}/login/access-token` } },
  },
};

const never = () => false;

function merged<T>(
  into: Record<string, T>,
  from: Record<string, T>,
  name: (key: string) => string,
  same: (one: T, other: T) => boolean,
): Record<string, T> {
  for (const [key, value] of Object.entries(from)) {
    const known = into[key];
    if (known && !same(known, value)) throw new DocumentConflict(`described twice: ${name(key)}`);
    into[key] = value;
  }
  return into;
}

const sorted = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
