import { type ItemPublic, type ItemsPublic, ItemsService } from '@quartet/client';
import { keepPreviousData, queryOptions, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useCurrentUser } from '#lib/current-user.ts';
import { call } from '#lib/session.ts';
import { type ItemsSearch, NEWEST_FIRST, type Sort } from './items-search.ts';

/** What the API is asked for. */
export type ItemsFilter = { q?: string; sort: Sort; owner_id?: string };

const LISTS = ['items', 'list'];
const PAGE_SIZE = 20;

/** The API searches by words, and refuses a search that has none. */
const hasWords = (q: string | undefined): q is string => q !== undefined && /[\p{L}\p{N}]/u.test(q);

export function useItemsFilter({ q, sort = NEWEST_FIRST, owner }: ItemsSearch): ItemsFilter {
  const { id } = useCurrentUser();
  return useMemo(
    () => ({ sort, ...(hasWords(q) && { q }), ...(owner === 'mine' && { owner_id: id }) }),
    [q, sort, owner, id],
  );
}

/** Rows change by events, one by one; the list is loaded again only by somebody’s wish, so that it does not jump. */
export const itemsQuery = (filter: ItemsFilter, cursor: string | undefined) =>
  queryOptions({
    queryKey: [...LISTS, filter, cursor],
    queryFn: ({ signal }) =>
      call(ItemsService.readItems, {
        query: { ...filter, limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) },
        signal,
      }),
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

export function useItemsCache() {
  const client = useQueryClient();
  return useMemo(
    () => ({
      /** The item has other texts, at the place where it is. */
      replace: (item: ItemPublic) =>
        client.setQueriesData<ItemsPublic>({ queryKey: LISTS }, (list) =>
          list?.data.some(({ id }) => id === item.id)
            ? { ...list, data: list.data.map((each) => (each.id === item.id ? item : each)) }
            : list,
        ),
      reload: () => client.invalidateQueries({ queryKey: LISTS }),
    }),
    [client],
  );
}
