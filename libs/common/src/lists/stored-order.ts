import type { Collection, Document, Filter, FindOptions, WithId } from 'mongodb';
import { ObjectId } from 'mongodb';
import { engineOf, indexHint, matching } from '../database/engine.ts';
import { hasWords } from './folded-words.ts';
import { createKeySamples, rangeEnds } from './key-sample.ts';
import { comparePositions, type Key, type Position, positionOf, type SortOrder } from './sort-order.ts';

/** Documents with `words` are found by the words that begin with those asked for. */
export type Listed = { _id: ObjectId; words?: string[] };

/** What a list contains. */
export type ListScope<D> = {
  /** Equality conditions on the fields that all indexes of this list begin with; none for everybody's documents. */
  prefix: Filter<D> & Document;
  /** Further conditions, which no index serves. */
  filter?: Filter<D> & Document;
  /** Folded words that must begin words of a document. */
  words: readonly string[];
};

type IndexKey = Record<string, 1 | -1>;

/** Returns the indexes of a list whose conditions are on `prefix`: one for each sort but that by `created_at`, and one for words. */
export const listIndexes = (prefix: readonly string[], sorts: readonly string[]): { key: IndexKey }[] => [
  ...sorts.map((field) => ({ key: sortIndex(prefix, field) })),
  { key: wordsIndex(prefix) },
];

const startOf = (prefix: readonly string[]): IndexKey => Object.fromEntries(prefix.map((name) => [name, 1]));
const wordsIndex = (prefix: readonly string[]): IndexKey => ({ ...startOf(prefix), words: 1 });
/** Those by `created_at` are older than the other sorts. */
const sortIndex = (prefix: readonly string[], field: string): IndexKey =>
  field === 'created_at'
    ? { ...startOf(prefix), created_at: -1, _id: -1 }
    : { ...startOf(prefix), [field]: 1, _id: 1 };

/** Text has at most 255 code points, so none is behind this. */
const LAST_TEXT = '\u{10ffff}'.repeat(256);
/** No document is of a later time. */
export const LAST_DATE = new Date(8.64e15);
const AFTER_WORD = '\u{10ffff}';

/** Everything of a sort; a tombstone lacks the field. Ranges have two bounds: see `textBefore`. */
const wholeRange = ({ field }: SortOrder, before: Date | undefined): Document =>
  field.endsWith('_at') ? { $gt: new Date(0), $lt: before ?? LAST_DATE } : { $gte: '', $lt: LAST_TEXT };

/** What no list shows: 40 words in each of 100 documents would double the time in which the process reads them. */
const projection = { words: 0, earlier: 0, outbox: 0 };

export type Reading = {
  after?: Position | undefined;
  skip?: number;
  limit: number;
  before?: Date | undefined;
};

export type StoredOrder<D> = {
  /** Returns documents in the order of the sort as they are stored now, `before` a time of that sort. */
  read(scope: ListScope<D>, order: SortOrder, reading: Reading): Promise<WithId<D>[]>;
  /** Returns the documents that were written since a time, in any order. */
  writtenSince(scope: ListScope<D>, since: Date): Promise<WithId<D>[]>;
  /** Whether the reading of {@link writtenSince} would read more than `most` documents. */
  hasMoreWritten(scope: ListScope<D>, since: Date, most: number): Promise<boolean>;
  count(scope: ListScope<D>): Promise<number>;
};

/** Reads a collection whose indexes are those of {@link listIndexes}. */
export function createStoredOrder<D extends Listed>(
  collection: Collection<D>,
  wordsOf: (document: D) => readonly string[],
  alive: Document = {},
): StoredOrder<D> {
  const samples = createKeySamples(collection);

  async function find(
    scope: ListScope<D>,
    order: SortOrder,
    range: Document,
    options: FindOptions,
    sort: Document,
  ) {
    const { prefix, filter = {}, words } = scope;
    const fields = Object.keys(prefix);
    const key = words.length > 0 ? wordsIndex(fields) : sortIndex(fields, order.field);
    const hint = await indexHint(collection.db, key);
    const whole = { ...prefix, ...alive, ...filter, ...range, ...wordsCondition(words) } as Filter<D>;
    return collection.find(whole, { ...options, sort, ...hint }).toArray();
  }

  /** The embedded engine finds one range of words by its index, and reads the whole collection for any other form. */
  async function findWords({ prefix, filter = {}, words }: ListScope<D>): Promise<WithId<D>[]> {
    const longest = words.toSorted((a, b) => b.length - a.length)[0] ?? '';
    const range = { words: { $gte: longest, $lt: longest + AFTER_WORD } };
    const found = await collection.find({ ...prefix, ...filter, ...range } as Filter<D>).toArray();
    const unique = new Map(found.map((document) => [document._id.toHexString(), document]));
    return [...unique.values()].filter((document) => hasWords(document.words ?? [], words));
  }

  /** Reads by ranges that hold about as many documents as are wanted, where that is cheaper than by one. */
  async function readRanges(
    scope: ListScope<D>,
    order: SortOrder,
    limit: number,
    reading: { whole: Document; beyond(key: Key): Document; after?: Key; before: Date | undefined },
  ): Promise<WithId<D>[]> {
    const { field, direction } = order;
    const sort = { [field]: direction, _id: direction };
    const isAll = scope.words.length === 0 && Object.keys(scope.prefix).length === 0;
    const sample = isAll ? await samples.of(field) : undefined;
    const { whole, beyond, before } = reading;
    const after = reading.after ?? (direction < 0 ? before : undefined);
    const ends = sample ? rangeEnds(sample, { after, before }, direction, 2 * limit) : [];
    const found: WithId<D>[] = [];
    let rest = whole;
    for (const end of ends) {
      const range =
        direction > 0
          ? { ...omit(rest, '$lt'), $lte: end }
          : { ...omit(omit(rest, '$gt'), '$gte'), $gte: end };
      found.push(
        ...(await find(scope, order, { [field]: range }, { limit: limit - found.length, projection }, sort)),
      );
      if (found.length >= limit) return found;
      rest = beyond(end);
    }
    return [
      ...found,
      ...(await find(scope, order, { [field]: rest }, { limit: limit - found.length, projection }, sort)),
    ];
  }

  const findWritten = (scope: ListScope<D>, since: Date, options: FindOptions): Promise<WithId<D>[]> => {
    const range = { updated_at: { $gte: since, $lt: LAST_DATE } };
    return find({ ...scope, words: [] }, { field: 'updated_at', direction: 1 }, range, options, {});
  };

  const isEmbedded = async () => (await engineOf(collection.db)) === 'embedded';

  return {
    async read(scope, order, { after, skip = 0, limit, before }) {
      const { field, direction } = order;
      if (scope.words.length > 0 && (await isEmbedded())) {
        return inOrder(await findWords(scope), order, { after, before }).slice(skip, skip + limit);
      }
      const whole = wholeRange(order, before);
      const sort = { [field]: direction, _id: direction };
      if (skip > 0) return find(scope, order, { [field]: whole }, { skip, limit, projection }, sort);
      const beyond = (key: Key) =>
        direction > 0 ? { ...omit(whole, '$gte'), $gt: key } : { ...omit(whole, '$lt'), $lt: key };
      if (!after) return readRanges(scope, order, limit, { whole, beyond, before });
      const id = new ObjectId(after.id);
      const ids = direction > 0 ? { $gt: id } : { $lt: id };
      // One condition for both would make the engines read all documents of this key for each page.
      const [same, others] = await Promise.all([
        find(scope, order, { [field]: after.key, _id: ids }, { limit, projection }, { _id: direction }),
        readRanges(scope, order, limit, { whole: beyond(after.key), beyond, after: after.key, before }),
      ]);
      return [...same, ...others].slice(0, limit);
    },

    async writtenSince(scope, since) {
      const { words } = scope;
      const written = await findWritten(scope, since, {});
      return words.length === 0
        ? written
        : written.filter((document) => hasWords(wordsOf(document as D), words));
    },

    async hasMoreWritten(scope, since, most) {
      const beyond = await findWritten(scope, since, { skip: most, limit: 1, projection: { _id: 1 } });
      return beyond.length > 0;
    },

    async count(scope) {
      const { prefix, filter = {}, words } = scope;
      if (words.length === 0)
        return collection.countDocuments({ ...prefix, ...alive, ...filter } as Filter<D>);
      if (await isEmbedded()) return (await findWords(scope)).length;
      const whole = { ...prefix, ...filter, ...wordsCondition(words) } as Filter<D>;
      return collection.countDocuments(whole, { hint: wordsIndex(Object.keys(prefix)) });
    },
  };
}

/** A folded word has no character that a regular expression reads. */
const wordsCondition = (words: readonly string[]): Document =>
  words.length === 0 ? {} : { $and: words.map((word) => ({ words: matching(`^${word}`) })) };

function inOrder<D extends Listed>(
  documents: WithId<D>[],
  order: SortOrder,
  { after, before }: Pick<Reading, 'after' | 'before'>,
): WithId<D>[] {
  const place = (document: WithId<D>) => positionOf(document, document, order);
  const isIn = (at: Position) =>
    (after === undefined || order.direction * comparePositions(at, after) > 0) &&
    (before === undefined || at.key < before);
  return documents
    .filter((document) => isIn(place(document)))
    .toSorted((a, b) => order.direction * comparePositions(place(a), place(b)));
}

const omit = ({ ...document }: Document, name: string): Document => {
  delete document[name];
  return document;
};
