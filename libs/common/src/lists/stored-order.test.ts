import { type Collection, MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { engineOf } from '../database/engine.ts';
import { timeOrderedId } from '../database/time-ordered-id.ts';
import { foldedWords } from './folded-words.ts';
import { comparePositions, positionOf, sortOrder } from './sort-order.ts';
import { createStoredOrder, type ListScope, listIndexes } from './stored-order.ts';

type Thing = {
  _id: ObjectId;
  owner_id: ObjectId;
  title: string;
  words: string[];
  created_at: Date;
  updated_at: Date;
};

const SORTS = ['created_at', 'updated_at', 'title'];
const COUNT = 3_000;
const owners = [new ObjectId(), new ObjectId()];

/** Some titles are the same, and some differ only in what UTF-8 and UTF-16 order differently. */
const titleOf = (n: number): string => {
  if (n % 4 === 0) return 'same';
  return `${['a', 'é', '\uffee', '\u{10400}'][n % 4]}${(n * 7_919) % COUNT} word${n % 300}`;
};
const things: Thing[] = Array.from({ length: COUNT }, (_, n) => {
  const created_at = new Date(Date.UTC(2026, 0, 1) + Math.floor(n / 3) * 10);
  const updated_at = new Date(created_at.getTime() + ((n * 31) % 1_000) * 1_000);
  const title = titleOf(n);
  const owner_id = owners[n % 2] ?? new ObjectId();
  return {
    _id: timeOrderedId(created_at),
    owner_id,
    title,
    words: foldedWords(title),
    created_at,
    updated_at,
  };
});

let bed: Testbed;
let client: MongoClient;
let collection: Collection<Thing>;
const asked: Record<string, unknown>[] = [];

beforeAll(async () => {
  bed = await startTestbed();
  client = new MongoClient(bed.env.MONGODB_URL ?? '', { monitorCommands: true, ignoreUndefined: true });
  collection = client.db(bed.env.DOCUMENTDB_DB).collection('things');
  await collection.createIndexes([...listIndexes(['owner_id'], SORTS), ...listIndexes([], SORTS)]);
  for (let at = 0; at < COUNT; at += 500) await collection.insertMany(things.slice(at, at + 500));
  client.on('commandStarted', ({ commandName: name, command }) => {
    if (name === 'find' || name === 'aggregate') asked.push(command);
  });
});
afterAll(async () => {
  await client.close();
  await bed.stop();
});

const stored = () => createStoredOrder(collection, ({ words }) => words);
const ids = (some: readonly { _id: ObjectId }[]) => some.map(({ _id }) => _id.toHexString());

const scopes: [string, ListScope<Thing>, (thing: Thing) => boolean][] = [
  ['everybody', { prefix: {}, words: [] }, () => true],
  [
    'an owner',
    { prefix: { owner_id: owners[1] }, words: [] },
    ({ owner_id }) => owner_id.equals(owners[1] ?? ''),
  ],
  [
    'words of everybody',
    { prefix: {}, words: ['word1', 'e'] },
    ({ words }) => ['word1', 'e'].every((one) => words.some((word) => word.startsWith(one))),
  ],
  [
    'a word of an owner',
    { prefix: { owner_id: owners[1] }, words: ['word29'] },
    ({ owner_id, words }) =>
      owner_id.equals(owners[1] ?? '') && words.some((word) => word.startsWith('word29')),
  ],
];

const cases = scopes.flatMap(([name, scope, isIn]) =>
  SORTS.flatMap((field) => [field, `-${field}`]).map((sort) => ({ name, sort, scope, isIn })),
);

describe('the order in which an engine has documents', () => {
  test.each(cases)(
    'given $name by $sort, then pages have the order of the process',
    async ({ sort, scope, isIn }) => {
      const order = sortOrder(sort);
      const place = (thing: Thing) => positionOf(thing, thing, order);
      const expected = things
        .filter(isIn)
        .toSorted((a, b) => order.direction * comparePositions(place(a), place(b)));
      expect(expected.length).toBeGreaterThan(4);
      const reader = stored();
      const found: Thing[] = [];
      const limit = Math.ceil(expected.length / 4);
      for (;;) {
        const last = found.at(-1);
        const page = await reader.read(scope, order, { after: last && place(last), limit });
        found.push(...page);
        if (page.length < limit) break;
      }
      expect(ids(found)).toEqual(ids(expected));
      expect(ids(await reader.read(scope, order, { skip: 3, limit: 2 }))).toEqual(ids(expected.slice(3, 5)));
      expect(await reader.count(scope)).toBe(expected.length);
      if (order.field === 'updated_at') {
        const before = expected[Math.floor(expected.length / 2)]?.updated_at;
        const older = expected.filter(({ updated_at }) => before && updated_at < before);
        expect(ids(await reader.read(scope, order, { before, limit: COUNT }))).toEqual(ids(older));
      }
    },
  );

  test('given a time, then what was written since is found', async () => {
    const since = things[COUNT / 2]?.updated_at ?? new Date();
    const written = await stored().writtenSince({ prefix: {}, words: ['word1'] }, since);
    const expected = things.filter(
      ({ updated_at, words }) => updated_at >= since && words.some((word) => word.startsWith('word1')),
    );
    expect(new Set(ids(written))).toEqual(new Set(ids(expected)));
  });
});

/** What an engine says of an index that it uses, and of reading everything. */
const FULL_SCAN = /COLLSCAN|Seq Scan/;

describe('what serves the reads', () => {
  test.each(cases)(
    'given $name by $sort, then an index serves each of its queries',
    async ({ sort, scope }) => {
      const order = sortOrder(sort);
      const reader = stored();
      const [first] = await reader.read(scope, order, { limit: 10 });
      asked.length = 0;
      if (!first) throw new Error('there is nothing to read');
      await reader.read(scope, order, { limit: 10 });
      await reader.read(scope, order, { after: positionOf(first, first, order), limit: 10 });
      await reader.writtenSince(scope, new Date());
      // All documents are counted by their list: see alive-list.ts.
      if (scope.words.length > 0 || scope.prefix.owner_id) await reader.count(scope);
      const engine = await engineOf(client.db());
      const queries = asked
        .filter((command) => !JSON.stringify(command).includes('$sample'))
        .map(({ lsid, $db, ...command }) => command);
      expect(queries.length).toBeGreaterThan(2);
      for (const command of queries) {
        const plan = JSON.stringify(
          await client.db(bed.env.DOCUMENTDB_DB).command({ explain: command, verbosity: 'queryPlanner' }),
        );
        expect(plan).not.toMatch(FULL_SCAN);
        // MongoDB takes the order from the index, too, but for words.
        if (engine === 'other' && scope.words.length === 0) expect(plan).not.toContain('"SORT"');
      }
    },
  );
});
