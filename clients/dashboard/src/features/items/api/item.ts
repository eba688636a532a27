import { type ItemPublic, ItemsService, QuartetError } from '@quartet/client';
import { queryOptions } from '@tanstack/react-query';
import { type Revised, revised } from '#lib/revised.ts';
import { call } from '#lib/session.ts';

export type RevisedItem = Revised<ItemPublic>;

const readRevised = revised(ItemsService.readItem);

export const readItem = (id: string, signal?: AbortSignal): Promise<RevisedItem> =>
  call(readRevised, { path: { id }, ...(signal && { signal }) });

/** The item as it is when it is opened to be edited; it does not change under the person's hands. */
export const openedItemQuery = (id: string) =>
  queryOptions({
    queryKey: ['items', 'opened', id],
    queryFn: ({ signal }) => readItem(id, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

export const isGone = (err: unknown): boolean => err instanceof QuartetError && err.status === 404;
