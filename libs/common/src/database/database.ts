import {
  type Collection,
  type Db,
  type Filter,
  MongoClient,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
  type OptionalUnlessRequiredId,
  type WithId,
} from 'mongodb';
import type { Page } from '../http/input/fields.ts';
import type { Log } from '../process/logging.ts';
import type { Metrics } from '../process/metrics.ts';
import { waitFor } from '../process/wait-for.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { instrumentPool, traceCommands } from './database-instrumentation.ts';
import { hasDuplicateKeyCode, isWriteConflict } from './engine.ts';
import { retryingWrites } from './retried-writes.ts';

export type Database = {
  db: Db;
  /** @throws when the database does not answer */
  ping(): Promise<void>;
  close(): Promise<void>;
};

const SELECTION_TIMEOUT_MS = 3_000;
const SILENCE_TIMEOUT_MS = 10_000;
/** Codes of a member that steps down: without retryable writes the driver does not handle them. */
const NOT_WRITABLE = new Set<unknown>([91, 189, 10_107, 11_600, 11_602, 13_435, 13_436]);
/** The driver does not wrap the error of a connection that breaks during a write. */
const BROKEN = new Set<unknown>(['EPIPE', 'ECONNRESET']);

/** Connects to the database and waits for it. @throws when the signal aborts first */
export async function connectDatabase(
  address: { url: string; name: string },
  appName: string,
  log: Log,
  signal: AbortSignal,
  { metrics, tracing }: { metrics?: Metrics; tracing?: Tracing } = {},
): Promise<Database> {
  const client = new MongoClient(address.url, {
    appName,
    serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS,
    socketTimeoutMS: SILENCE_TIMEOUT_MS,
    ignoreUndefined: true,
    monitorCommands: tracing?.isOn ?? false,
  });
  if (metrics) instrumentPool(client, metrics);
  if (tracing?.isOn) traceCommands(client, tracing);
  const db = retryingWrites(client.db(address.name));
  const ping = async () => void (await db.command({ ping: 1 }));
  const connect = async () => {
    // After a failed first connection, every command of the driver would fail.
    await client.connect();
    await ping();
  };
  await waitFor('the database', connect, log, signal);
  return { db, ping, close: () => client.close() };
}

/** Whether the database is unreachable, or a write conflict lasted too long. */
export const isDatabaseAway = (err: unknown): boolean =>
  isWriteConflict(err) ||
  err instanceof MongoNetworkError ||
  err instanceof MongoServerSelectionError ||
  // A bulk write wraps every error in a server's error.
  (err instanceof MongoServerError && (NOT_WRITABLE.has(err.code) || isDatabaseAway(err.errorResponse))) ||
  (err instanceof Error && 'code' in err && BROKEN.has(err.code));

/** Whether a write failed on a unique index. */
export const isDuplicateKey = hasDuplicateKeyCode;

/** Inserts a document at most once. @returns false when its id existed already */
export async function insertOnce<D extends { _id: unknown }>(
  collection: Collection<D>,
  document: OptionalUnlessRequiredId<D> & { _id: unknown },
): Promise<boolean> {
  try {
    await collection.insertOne(document);
    return true;
  } catch (err) {
    if (isDuplicateKey(err)) return false;
    // Engines report duplicates differently; after a lost answer, the duplicate may be this very document.
    const filter = { _id: document._id } as Filter<D>;
    if (err instanceof MongoServerError && (await collection.findOne(filter))) return false;
    throw err;
  }
}

/** After this time, no process of the earlier release is expected to run. */
export const ROLLED_OUT_MS = 600_000;

export const newestFirst = { created_at: -1, _id: -1 } as const;

/** Returns one page of the matching documents, newest first, and the count of all matches. */
export async function findPage<D extends { created_at: Date }>(
  collection: Collection<D>,
  filter: Filter<D>,
  { skip, limit }: Page,
): Promise<{ data: WithId<D>[]; count: number }> {
  const [data, count] = await Promise.all([
    collection.find(filter, { sort: newestFirst, skip, limit }).toArray(),
    collection.countDocuments(filter),
  ]);
  return { data, count };
}
