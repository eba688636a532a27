import { keepPreviousData } from '@tanstack/react-query';
import { lists } from '#texts/lists.ts';

/** A list keeps its rows while the next ones come; only a list that never came shows the page of errors. */
export const listQuery = {
  placeholderData: keepPreviousData,
  throwOnError: (_err: unknown, { state }: { state: { data: unknown } }) => state.data === undefined,
};

export const PAGE_SIZE = 25;

/** `26 to 50 of 60`. @param page from 1 */
export function pageSummary(page: number, shown: number, count: number): string {
  if (shown === 0) return lists.none;
  const first = (page - 1) * PAGE_SIZE + 1;
  const last = first + shown - 1;
  return lists.range(first, last, Math.max(count, last));
}
