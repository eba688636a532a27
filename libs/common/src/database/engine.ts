import { type Db, MongoBulkWriteError, type MongoClient, MongoServerError } from 'mongodb';
import * as z from 'zod';

/*
 * Everything that the code does because engines of MongoDB's protocol differ. docs/databases.md says which engine does
 * what, and how that is known. The first difference asks for the engine's name; the others need not know it.
 */

/** SecantusDB alone has this field; MongoDB, FerretDB, DocumentDB and Amazon DocumentDB leave it out. */
const secantus = z.object({ secantusVersion: z.string() });
/** An engine, or a proxy before it, that does not say what it is: 13 Unauthorized, 59 CommandNotFound. */
const NOT_TOLD = new Set<unknown>([13, 59]);

const freeing = new WeakMap<MongoClient, Promise<boolean>>();

/**
 * Whether the engine frees a unique key when an update changes it. SecantusDB 0.6.0b17 keeps the old key for good, so that
 * an address once changed could never be used again. It is asked once for each client.
 * @throws when the database cannot be reached
 */
export function freesChangedKeys({ client }: Db): Promise<boolean> {
  const known = freeing.get(client) ?? askEngine(client).then(freesKeysAs);
  freeing.set(client, known);
  known.catch(() => freeing.delete(client));
  return known;
}

/** @param buildInfo the engine's answer to the command of that name */
export const freesKeysAs = (buildInfo: unknown): boolean => !secantus.safeParse(buildInfo).success;

async function askEngine(client: MongoClient): Promise<unknown> {
  try {
    return await client.db('admin').command({ buildInfo: 1 });
  } catch (err) {
    if (err instanceof MongoServerError && NOT_TOLD.has(err.code)) return undefined;
    throw err;
  }
}

/**
 * Codes of a write that the server undid because of another one: MongoDB and DocumentDB's own gateway (WriteConflict), and
 * PostgreSQL's 40P01 (deadlock_detected) and 40001 (serialization_failure) as DocumentDB packs them into a number.
 */
const CONFLICTS = new Set<unknown>([112, 16_908_292, 16_777_220]);
/** FerretDB's answer to findAndModify and other whole commands has no code of its own for a conflict. */
const INTERNAL_ERROR = 1;
const CONFLICT_WORDS = /^(deadlock detected|could not serialize access)/;
const TRANSIENT = 'TransientTransactionError';

/**
 * Whether the database undid a write because it conflicted with another one, so that it can be done again: it was the
 * victim of a deadlock, or lost a race in the engine. Of a bulk write: whether some of its writes were.
 */
export const isWriteConflict = (err: unknown): boolean =>
  err instanceof MongoServerError &&
  (CONFLICTS.has(err.code) ||
    (err.code === INTERNAL_ERROR && CONFLICT_WORDS.test(err.message)) ||
    err.hasErrorLabel(TRANSIENT) ||
    (err instanceof MongoBulkWriteError && [err.writeErrors].flat().some(({ code }) => CONFLICTS.has(code))));

const DUPLICATE_KEY = 11_000;

/** Whether a write failed on a unique index, as far as the code tells: DocumentDB leaves out `keyPattern`. */
export const hasDuplicateKeyCode = (err: unknown): boolean =>
  err instanceof MongoServerError && err.code === DUPLICATE_KEY;

/** Part of a filter: matches a pattern. SecantusDB compares a RegExp like a value where an index has the field. */
export const matching = <P extends string>(pattern: P) => ({ $regex: pattern }) as const;

/** Part of a filter: any text before the given one. SecantusDB may answer a range with one end by reading everything. */
export const textBefore = (end: string) => ({ $gt: '', $lt: end }) as const;

/** The order for all bulk writes: DocumentDB makes one transaction of each, and two in different orders deadlock. */
export const inOneOrder = <W extends { _id: unknown }>(writes: readonly W[]): W[] =>
  writes.toSorted((a, b) => compare(String(a._id), String(b._id)));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Options of an address that is made of DOCUMENTDB_*. Amazon DocumentDB before 8.0.2 refuses retryable writes; mongod alone
 * acknowledges before its journal is on disk.
 */
export const ADDRESS_OPTIONS = { retryWrites: 'false', journal: 'true' } as const;
