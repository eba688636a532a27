import { ClientSession, type Collection, type Db } from 'mongodb';
import { retryAfterConflicts } from './write-conflicts.ts';

type Method = (...args: unknown[]) => unknown;

/**
 * What is one statement of the database, so that a conflict leaves nothing of it; at an engine that changes many documents
 * one by one, `updateMany` may be done twice to some. `bulkWrite` is many statements: see `writeTogether`.
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
 * The same database, but that every write of one statement is done again after a conflict, for some seconds. A write in a
 * transaction is not: a conflict ends all of it, and whoever began it begins it again.
 */
export const retryingWrites = (db: Db): Db =>
  withMethods(db, (name, method) =>
    name === 'collection' ? (...args) => collectionWritingAgain(method(...args)) : method,
  );

const collectionWritingAgain = (collection: unknown): unknown =>
  collection instanceof Object ? withMethods(collection, statementWritingAgain) : collection;

const statementWritingAgain = (name: PropertyKey, method: Method): Method => {
  if (!STATEMENTS.has(name)) return method;
  return (...args) =>
    isInTransaction(args.at(-1)) ? method(...args) : retryAfterConflicts(async () => method(...args));
};

const isInTransaction = (options: unknown): boolean =>
  options instanceof Object &&
  'session' in options &&
  options.session instanceof ClientSession &&
  options.session.inTransaction();

/** The object with other methods; what it calls of itself stays as it is. */
function withMethods<T extends object>(object: T, change: (name: PropertyKey, method: Method) => Method): T {
  return new Proxy(object, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? change(name, member.bind(target)) : member;
    },
  });
}
