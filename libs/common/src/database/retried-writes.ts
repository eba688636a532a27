import { ClientSession, type Collection, type Db } from 'mongodb';
import { retryAfterConflicts } from './write-conflicts.ts';

type Method = (...args: unknown[]) => unknown;

/** A conflict leaves nothing of a single statement; a repeated `updateMany` may change a document twice. */
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

/** Repeats single-statement writes after a conflict; in a transaction, `withTransaction` repeats them. */
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

/** Replaces methods for callers only; the object's own calls stay the same. */
function withMethods<T extends object>(object: T, change: (name: PropertyKey, method: Method) => Method): T {
  return new Proxy(object, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? change(name, member.bind(target)) : member;
    },
  });
}
