import { type Db, MongoBulkWriteError, type MongoClient, MongoServerError } from 'mongodb';
import * as z from 'zod';

// Everything here exists because engines of MongoDB's protocol differ: see docs/databases.md.

/** `other`: MongoDB, Amazon DocumentDB, or an engine that does not name itself. */
export type Engine = 'embedded' | 'documentdb' | 'other';

/** Only SecantusDB has this field. */
const embedded = z.object({ secantusVersion: z.string() });
/** Only FerretDB, the proxy before DocumentDB, has this field. */
const documentdb = z.object({ ferretdb: z.object({}) });
/** 13 Unauthorized and 59 CommandNotFound: the engine, or a proxy before it, does not name itself. */
const NAMELESS = new Set<unknown>([13, 59]);

const engines = new WeakMap<MongoClient, Promise<Engine>>();

/** Says which engine this is; each client asks once. @throws when unreachable */
export function engineOf({ client }: Db): Promise<Engine> {
  const known = engines.get(client);
  if (known) return known;
  const asked = askEngine(client).then(engineAs);
  engines.set(client, asked);
  asked.catch(() => engines.delete(client));
  return asked;
}

/** Reads {@link engineOf} from the engine's answer to `buildInfo`. */
export const engineAs = (buildInfo: unknown): Engine => {
  if (embedded.safeParse(buildInfo).success) return 'embedded';
  return documentdb.safeParse(buildInfo).success ? 'documentdb' : 'other';
};

/** Whether an update frees the old unique key. SecantusDB 0.6.0b17 never does. @throws when unreachable */
export const freesChangedKeys = async (db: Db): Promise<boolean> => (await engineOf(db)) !== 'embedded';

async function askEngine(client: MongoClient): Promise<unknown> {
  try {
    return await client.db('admin').command({ buildInfo: 1 });
  } catch (err) {
    if (err instanceof MongoServerError && NAMELESS.has(err.code)) return undefined;
    throw err;
  }
}

/** WriteConflict, and PostgreSQL's 40P01 (deadlock) and 40001 (serialization) as DocumentDB packs them. */
const CONFLICTS = new Set<unknown>([112, 16_908_292, 16_777_220]);
/** FerretDB has no conflict code for findAndModify and other whole commands. */
const INTERNAL_ERROR = 1;
const CONFLICT_WORDS = /^(deadlock detected|could not serialize access)/;
const TRANSIENT = 'TransientTransactionError';

/** Whether the database undid a write, or part of a bulk write, because of another: it can be repeated. */
export const isWriteConflict = (err: unknown): boolean =>
  err instanceof MongoServerError &&
  (CONFLICTS.has(err.code) ||
    (err.code === INTERNAL_ERROR && CONFLICT_WORDS.test(err.message)) ||
    err.hasErrorLabel(TRANSIENT) ||
    (err instanceof MongoBulkWriteError && [err.writeErrors].flat().some(({ code }) => CONFLICTS.has(code))));

const DUPLICATE_KEY = 11_000;

/** Whether a write failed on a unique index. The code alone says so: DocumentDB leaves out `keyPattern`. */
export const hasDuplicateKeyCode = (err: unknown): boolean =>
  err instanceof MongoServerError && err.code === DUPLICATE_KEY;

/** Matches a pattern: on an indexed field, SecantusDB compares a RegExp as a value. */
export const matching = <P extends string>(pattern: P) => ({ $regex: pattern }) as const;

/** Matches text before `end`: SecantusDB may answer a range with one bound by a full scan. */
export const textBefore = (end: string) => ({ $gt: '', $lt: end }) as const;

/**
 * Names the index of a query, for `find` and `countDocuments`: DocumentDB chooses others without statistics. With a hint,
 * SecantusDB reads the whole collection, in another order.
 */
export const indexHint = async (db: Db, key: Record<string, 1 | -1>) =>
  (await engineOf(db)) === 'embedded' ? {} : { hint: key };

/** Sorts bulk writes: DocumentDB runs each as one transaction, and two in different orders deadlock. */
export const inOneOrder = <W extends { _id: unknown }>(writes: readonly W[]): W[] =>
  writes.toSorted((a, b) => compare(String(a._id), String(b._id)));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Amazon DocumentDB before 8.0.2 refuses retryable writes; a standalone mongod does not wait for a journal. */
export const ADDRESS_OPTIONS = { retryWrites: 'false', journal: 'true' } as const;
