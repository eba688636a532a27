import type { Document, Filter, WithId } from 'mongodb';
import type { Continuation } from './cursors.ts';
import type { ListQuery } from './list-query.ts';
import { firstPage } from './settled-page.ts';
import type { SortOrder } from './sort-order.ts';
import type { Listed, ListScope, StoredOrder } from './stored-order.ts';
import type { Version, Versioned } from './versions.ts';

/**
 * Reads a page behind a skip in the order of the settled time, so that its cursor needs no ids. At most `most` documents were
 * written since then.
 */
export async function skipSettled<D extends Listed & Versioned<Version>>(
  stored: StoredOrder<D>,
  { scope, order, query }: { scope: ListScope<D>; order: SortOrder; query: ListQuery },
  { settled, most }: { settled: Date; most: number },
): Promise<{ data: WithId<D>[]; next: Continuation | undefined }> {
  // So many of those that are skipped may have been written since: the others are counted from there.
  const begin = Math.max(0, query.skip - most);
  const from = query.skip - begin;
  const until = from + query.limit;
  const isOlder = { updated_at: { $lt: settled } } as Document;
  const older = { ...scope, filter: { ...scope.filter, ...isOlder } as Filter<D> & Document };
  const before = order.field === 'updated_at' ? settled : undefined;
  const rest = await stored.read(older, order, { skip: begin, limit: until + 1, before });
  const written = await stored.writtenSince(scope, settled);
  const placed = firstPage(rest, written, { order, settled, isPresent: false });
  const page = placed.slice(from, until);
  const after = page.at(-1)?.at;
  const isLast = !after || (placed.length <= until && rest.length <= until);
  const next = isLast ? undefined : { after, settled, given: [], pending: [] };
  return { data: page.map(({ document }) => document), next };
}
