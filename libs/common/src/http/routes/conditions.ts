import type { IncomingHttpHeaders } from 'node:http';
import { preconditionFailed } from '../../errors.ts';

/** Returns the strong entity tag of a revision (RFC 9110, 8.8.3). Items of release 0.1 have none until they are changed. */
export const entityTag = (revision = 0): string => `"${revision}"`;

/**
 * Compares a request's conditions with the revision of the thing that its path names (RFC 9110, 13.2.2).
 * Returns whether the caller of a GET has this revision already, which makes the answer a 304.
 * @throws {AppError} 412 when the request must not be performed
 */
export function hasRevision(
  method: string,
  headers: IncomingHttpHeaders,
  revision: number | undefined,
): boolean {
  const wanted = headers['if-match'];
  const known = headers['if-none-match'];
  if (wanted === undefined && known === undefined) return false;
  const tag = entityTag(revision);
  if (wanted !== undefined && wanted !== '*' && !tagsIn(wanted).includes(tag)) throw preconditionFailed();
  if (known === undefined || (known !== '*' && !tagsIn(known).map(asStrong).includes(tag))) return false;
  if (method !== 'GET') throw preconditionFailed();
  return true;
}

const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/** A list that holds anything else than tags fits nothing, so that no write happens by mistake. A tag may hold commas. */
function tagsIn(list: string): string[] {
  const between = list.replaceAll(ENTITY_TAG, '"').split(',');
  const isList = between.every((part) => ['', '"'].includes(part.trim()));
  return isList ? (list.match(ENTITY_TAG) ?? []) : [];
}

const asStrong = (tag: string): string => tag.replace(/^W\//, '');
