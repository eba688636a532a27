import { ClientSession, type Collection, type Db } from 'mongodb';
import { retryAfterConflicts } from './write-conflicts.ts';

type Method = (...args: unknown[]) => unknown;

/**
 * Each is one statement of the database, so that a conflict leaves nothing of it, but that `updateMany` may reach some documents
 * twice. `bulkWrite` is many statements: see `batchWrites`.
 */
const STATEMENTS = new Set<PropertyKey>([
  'insertOne',
  'updateOne',
  'updateMany',
  'replaceOne',
  'deleteOne',
  'deleteMany',
  'findOneAndUpdate',
  'findOneAndReplace',
  'findOneAndDelete',
  'createIndex',
  'createIndexes',
] satisfies (keyof Collection)[]);

/**
 * The same database, but every write of one statement is repeated after a conflict, for some seconds. Within a transaction it is
 * not: a conflict ends all of it, and `withTransaction` begins it again.
 */
export const retryingWrites = (db: Db): Db =>
  withMethods(db, (name, method) =>
    name === 'collection' ? (...args) => collectionRetrying(method(...args)) : method,
  );

const collectionRetrying = (collection: unknown): unknown =>
  collection instanceof Object ? withMethods(collection, statementRetrying) : collection;

const statementRetrying = (name: PropertyKey, method: Method): Method => {
  if (!STATEMENTS.has(name)) return method;
  return (...args) =>
    isInTransaction(args.at(-1)) ? method(...args) : retryAfterConflicts(async () => method(...args));
};

const isInTransaction = (options: unknown): boolean =>
  options instanceof Object &&
  'session' in options &&
  options.session instanceof ClientSession &&
  options.session.inTransaction();

/** The object with other methods for its callers; its own calls stay as they are. */
function withMethods<T extends object>(object: T, change: (name: PropertyKey, method: Method) => Method): T {
  return new Proxy(object, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? change(name, member.bind(target)) : member;
    },
  });
}
