import type { ObjectId } from 'mongodb';

export type SortOrder = { field: string; direction: 1 | -1 };

/** A place in a list: ties of the key are broken by id, 24 hex digits, in the same direction. */
export type Position = { key: Key; id: string };

export type Key = Date | string;

/** Reads `title` or `-title`, as a query has it. */
export const sortOrder = (sort: string): SortOrder =>
  sort.startsWith('-') ? { field: sort.slice(1), direction: -1 } : { field: sort, direction: 1 };

/** Orders two places as the engines do: text by its UTF-8 bytes. Multiply by the direction. */
export const comparePositions = (a: Position, b: Position): number =>
  compareKeys(a.key, b.key) || compare(a.id, b.id);

/** The place that a document has by a field; the field may be one of an earlier version. */
export const positionOf = (document: { _id: ObjectId }, keys: object, { field }: SortOrder): Position => ({
  key: keyOf(Reflect.get(keys, field)),
  id: document._id.toHexString(),
});

function keyOf(value: unknown): Key {
  if (value instanceof Date || typeof value === 'string') return value;
  throw new Error(`a list cannot be sorted by ${typeof value}`);
}

/** Orders two keys of one field. */
export function compareKeys(a: Key, b: Key): number {
  if (typeof a === 'string' && typeof b === 'string') {
    return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  return Number(a) - Number(b);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
