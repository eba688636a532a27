import { type Continuation, openCursors } from '@quartet/common/lists/cursors.ts';
import { sortOrder } from '@quartet/common/lists/sort-order.ts';
import { settledTime } from '@quartet/common/lists/versions.ts';
import type { Db } from 'mongodb';
import * as z from 'zod';
import type { Api } from '../api.ts';
import { createdAt, type Filled, groupOf, ITEMS_OF_AN_OWNER, ownerOf, partOf, titleOf } from './fill.ts';
import type { Operation } from './operation.ts';

type World = { api: Api; db: Db; filled: Filled; token: string };

const account = z.object({ id: z.string() });
export const SORTS = ['-created_at', '-updated_at', 'title'];
/** A page by cursor begins behind so much of the list. */
export const DEEP = 0.9;
export const MOST_TIMES = 1.5;

/** What a superuser asks of everybody's items and of one owner's: pages by each sort, at the beginning and by cursor far behind it, and a search. */
export function listOperations({ api, db, filled, token }: World): Operation[] {
  const documents = filled.itemIds.length;
  const lastOwner = Math.max(...filled.ownerIds.keys());
  const ofOwner = filled.itemIds.flatMap((_, n) => (ownerOf(n, documents) === lastOwner ? [n] : []));
  const lists = [
    {
      whose: `an owner's ${ITEMS_OF_AN_OWNER} items`,
      bounded: 'everywhere' as const,
      ownerId: filled.ownerIds[lastOwner],
      items: ofOwner,
      wordOf: partOf,
    },
    {
      whose: "everybody's items",
      bounded: 'documentdb' as const,
      ownerId: undefined,
      items: [...filled.itemIds.keys()],
      wordOf: groupOf,
    },
  ];
  return lists.flatMap(({ whose, bounded, ownerId, items, wordOf }) => {
    const get = (query: string) =>
      api('GET', `/items/?${query}${ownerId === undefined ? '' : `&owner_id=${ownerId}`}`, { token });
    const goal = { bounded, mostTimes: MOST_TIMES };
    return [
      ...SORTS.map((sort) => ({
        ...{ name: `first page of ${whose}, sort=${sort}`, ...goal },
        prepare: async (count: number) => repeated(count, () => get(`sort=${sort}`)),
      })),
      ...SORTS.map((sort) => ({
        ...{ name: `page at ${100 * DEEP} % of ${whose}, by cursor, sort=${sort}`, ...goal },
        async prepare(count: number) {
          const { id } = account.parse(await api('GET', '/users/me', { token }));
          const cursors = await openCursors(db, 'items_state');
          // Asking for the page before it by `skip` would sort the whole list, for minutes.
          const cursor = cursors.seal(deepPlace(sort, items, filled), [sort, null, id, true, ownerId]);
          return repeated(count, () => get(`sort=${sort}&cursor=${cursor}`));
        },
      })),
      {
        ...{ name: `search with 10 hits in ${whose}`, bounded: 'everywhere' as const, mostTimes: MOST_TIMES },
        prepare: async (count: number) =>
          Array.from(
            { length: count },
            (_, n) => () => get(`q=${wordOf(10 * (n % Math.floor(items.length / 10)))}`),
          ),
      },
    ];
  });
}

/** Where the list stood when it was filled: what other operations changed since moves it by little. */
export function deepPlace(sort: string, items: readonly number[], { itemIds }: Filled): Continuation {
  const { field, direction } = sortOrder(sort);
  const keyOf = (n: number) => (field === 'title' ? titleOf(n) : createdAt(n));
  const ordered = field === 'title' ? byTitle(items) : items;
  const at = Math.floor(DEEP * ordered.length);
  const n = (direction > 0 ? ordered[at] : ordered.at(-1 - at)) ?? 0;
  const settled = field === 'created_at' ? {} : { settled: settledTime(new Date()) };
  return { after: { key: keyOf(n), id: itemIds[n] ?? '' }, ...settled, given: [], pending: [] };
}

const byTitle = (items: readonly number[]) => items.toSorted((a, b) => (titleOf(a) < titleOf(b) ? -1 : 1));

const repeated = (count: number, once: () => Promise<unknown>) => Array.from({ length: count }, () => once);
