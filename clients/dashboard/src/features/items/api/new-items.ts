import { ItemsService } from '@quartet/client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '#lib/session.ts';
import type { ItemsFilter } from './items.ts';
import { NEWEST_FIRST } from './items-search.ts';

const MOST = 100;

/** How many of these items belong to the list; the API knows what a search finds. */
export function useNewItems({ q, owner_id }: ItemsFilter, ids: readonly string[]): number {
  const { data = 0 } = useQuery({
    queryKey: ['items', 'new', q, owner_id, ids],
    queryFn: async ({ signal }) => {
      const query = { ...(q && { q }), ...(owner_id && { owner_id }), sort: NEWEST_FIRST, limit: MOST };
      const { data: newest } = await call(ItemsService.readItems, { query, signal });
      return newest.filter(({ id }) => ids.includes(id)).length;
    },
    enabled: ids.length > 0,
    placeholderData: ids.length > 0 ? keepPreviousData : 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data;
}
