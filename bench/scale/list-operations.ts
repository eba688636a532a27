import * as z from 'zod';
import type { Api } from '../api.ts';
import type { Filled } from './fill.ts';
import type { Operation } from './operation.ts';

type World = { api: Api; filled: Filled; token: string };

const page = z.object({ next_cursor: z.string() });
const SORTS = ['-updated_at', 'title'];
/** A page by cursor begins behind so much of the list. */
const DEEP = 0.9;
const BEFORE = 50;

/** What a superuser asks of everybody's items: pages by each kind of sort, at the beginning and by cursor far behind it, and a search. */
export function listOperations({ api, filled, token }: World): Operation[] {
  const get = (query: string) => api('GET', `/items/?${query}`, { token });
  const repeated = (count: number, once: () => Promise<unknown>) => Array.from({ length: count }, () => once);
  const first = (sort: string): Operation => ({
    ...{ name: `first page of everybody's items, sort=${sort}`, bounded: 'documentdb' },
    prepare: async (count) => repeated(count, () => get(`sort=${sort}`)),
  });
  const deep = (sort: string): Operation => ({
    ...{ name: `page at ${100 * DEEP} %, by cursor, sort=${sort}`, bounded: 'documentdb' },
    async prepare(count) {
      const skip = Math.floor(DEEP * filled.itemIds.length) - BEFORE;
      const { next_cursor } = page.parse(await get(`sort=${sort}&skip=${skip}&limit=${BEFORE}`));
      return repeated(count, () => get(`sort=${sort}&cursor=${next_cursor}`));
    },
  });
  return [
    ...SORTS.map(first),
    ...['-created_at', ...SORTS].map(deep),
    {
      ...{ name: "search with 10 hits in everybody's items", bounded: 'everywhere' },
      // The description of ten items in a row has the same number.
      prepare: async (count) =>
        Array.from(
          { length: count },
          (_, n) => () => get(`q=group${Math.floor(filled.itemIds.length / 20) + n}x`),
        ),
    },
  ];
}
