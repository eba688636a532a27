import type { Collection, Db, Document, ObjectId, WithId } from 'mongodb';
import type { AliveList } from '../database/alive-list.ts';
import { type Continuation, type CursorScope, openCursors } from './cursors.ts';
import { foldedWords } from './folded-words.ts';
import type { ListQuery } from './list-query.ts';
import { crossings, firstPage, MOST_MOVED, nextPage, type Placed } from './settled-page.ts';
import { skipSettled } from './settled-skip.ts';
import { comparePositions, type Position, positionOf, type SortOrder, sortOrder } from './sort-order.ts';
import { createStoredOrder, type ListScope } from './stored-order.ts';
import { settledTime, type Version, type Versioned } from './versions.ts';
import { MOVES_ON, type MovesOn, movedOn } from './younger-moment.ts';

/** A document of a list that may be sorted by fields that change. */
export type ListedDocument = Versioned<Version> & { _id: ObjectId; words?: string[] };

/** What one caller asks for. */
export type ListRequest<D> = Omit<ListScope<D>, 'words'> & {
  query: ListQuery;
  /** The cursor is good for these alone, besides `sort` and `q`: the caller, what they may see, and the filters. */
  scope: CursorScope;
};

export type ListPage<D> = { data: WithId<D>[]; count: number; next_cursor: string | null };

export type SortedList<D> = {
  /** Returns one page, the exact count of all matches, and the cursor of what follows. @throws {AppError} 400 for a cursor that is not its own */
  page(request: ListRequest<D>): Promise<ListPage<D>>;
};

type Found<D> = { data: WithId<D>[]; next: Continuation | undefined };

/** A document may be written between the two reads of a page; then both are made again. */
const MOST_ATTEMPTS = 10;
/** The longest page and the document behind it. */
const MOST_READ = 1_001;

/**
 * Opens the list of a collection, which has the indexes of `listIndexes`. Every write must keep `keptVersions` in `earlier` and
 * set `updated_at` to `writeTime`. `wordsOf` returns the folded words of a document that may lack `words`.
 */
export async function openSortedList<D extends ListedDocument>(options: {
  db: Db;
  collection: Collection<D>;
  /** It lists everybody's documents by `created_at`. */
  everybodys: Pick<AliveList<never>, 'count'> & {
    read(...args: Parameters<AliveList<never>['read']>): Promise<WithId<D>[]>;
  };
  /** A condition that leaves tombstones out, where they have the fields that the list is sorted by. */
  alive?: Document;
  /** In this collection the service keeps the key of its cursors. */
  stateName: string;
  wordsOf(document: D): readonly string[];
  movesOn?: MovesOn;
  now?: () => Date;
}): Promise<SortedList<D>> {
  const { everybodys, movesOn = MOVES_ON, now = () => new Date() } = options;
  const cursors = await openCursors(options.db, options.stateName);
  const stored = createStoredOrder(options.collection, options.wordsOf, options.alive);

  const isEverybodys = ({ prefix, filter, words }: ListScope<D>) =>
    words.length === 0 && Object.keys(prefix).length === 0 && Object.keys(filter ?? {}).length === 0;

  /** These keys never change, so the place of the last document is enough. */
  async function byCreation(
    scope: ListScope<D>,
    order: SortOrder,
    query: ListQuery,
    from?: Continuation,
  ): Promise<Found<D>> {
    const reading = { after: from?.after, skip: query.skip, limit: query.limit + 1 };
    const found = isEverybodys(scope)
      ? await everybodys.read(order.direction, reading)
      : await stored.read(scope, order, reading);
    const data = found.slice(0, query.limit);
    const last = data.at(-1);
    if (!last || found.length <= query.limit) return { data, next: undefined };
    return { data, next: { after: positionOf(last, last, order), given: [], pending: [] } };
  }

  /** Returns more than `limit` documents that were not written since `settled`, or all that there are. */
  async function readSettled(
    scope: ListScope<D>,
    order: SortOrder,
    settled: Date,
    { after, limit }: { after: Position | undefined; limit: number },
  ): Promise<WithId<D>[]> {
    const before = order.field === 'updated_at' ? settled : undefined;
    const found: WithId<D>[] = [];
    let from = after;
    // Thousands may have been written together, and a page may be small.
    for (let size = limit + 1; ; size = Math.min(2 * size, MOST_READ)) {
      const batch = await stored.read(scope, order, { after: from, limit: size, before });
      found.push(...batch.filter(({ updated_at }) => updated_at < settled));
      const last = batch.at(-1);
      if (!last || batch.length < size || found.length > limit) return found;
      from = positionOf(last, last, order);
    }
  }

  async function byKey(
    scope: ListScope<D>,
    order: SortOrder,
    { limit }: ListQuery,
    begun?: Continuation,
  ): Promise<Found<D>> {
    const from = begun && (await movedOn(stored, { scope, from: begun }, { movesOn, now: now() }));
    const settled = from?.settled ?? settledTime(now());
    for (let attempt = 1; ; attempt += 1) {
      // What moves between these two reads is then found by the second.
      const rest = await readSettled(scope, order, settled, { after: from?.after, limit });
      const written = await stored.writtenSince(scope, settled);
      const end = rest.length > limit ? rest.at(-1) : undefined;
      const unread = end && positionOf(end, end, order);
      const place = (isPresent: boolean): Placed<WithId<D>>[] => {
        const placed = from
          ? nextPage(rest, written, from, { order, settled })
          : firstPage(rest, written, { order, settled, isPresent });
        return placed.filter(({ at }) => !unread || order.direction * comparePositions(at, unread) <= 0);
      };
      const present = place(true);
      if (unread && present.length < limit && attempt < MOST_ATTEMPTS) continue;
      const found = toFound(present, unread, written, { isPresent: true });
      const moved = found.next ? found.next.given.length + found.next.pending.length : 0;
      if (from || moved <= MOST_MOVED) return found;
      return toFound(place(false), unread, written, { isPresent: false });
    }

    function toFound(
      placed: Placed<WithId<D>>[],
      unread: Position | undefined,
      written: WithId<D>[],
      { isPresent }: { isPresent: boolean },
    ): Found<D> {
      const page = placed.slice(0, limit);
      const data = page.map(({ document }) => document);
      const after = page.length < limit ? unread : page.at(-1)?.at;
      if (!after || (placed.length <= limit && !unread)) return { data, next: undefined };
      return { data, next: { after, settled, ...idsFor(data, after, written, isPresent) } };
    }

    function idsFor(data: WithId<D>[], after: Position, written: WithId<D>[], isPresent: boolean) {
      const ids = new Set(data.map(({ _id }) => _id.toHexString()));
      const exists = new Set(written.map(({ _id }) => _id.toHexString()));
      if (from) {
        return {
          given: from.given.filter((id) => exists.has(id)),
          pending: from.pending.filter((id) => exists.has(id) && !ids.has(id)),
        };
      }
      if (!isPresent) return { given: [], pending: [] };
      const isGiven = ({ _id }: WithId<D>) => ids.has(_id.toHexString());
      return crossings(written, after, { order, settled, isGiven });
    }
  }

  /** A page that begins behind others has the present order, unless so much has moved that its cursor would be long. */
  async function skipping(scope: ListScope<D>, order: SortOrder, query: ListQuery): Promise<Found<D>> {
    const { skip, limit } = query;
    const settled = settledTime(now());
    const found = await stored.read(scope, order, { skip, limit: limit + 1 });
    const data = found.slice(0, limit);
    const last = data.at(-1);
    if (!last || found.length <= limit) return { data, next: undefined };
    const written = await stored.writtenSince(scope, settled);
    const ids = new Set(data.map(({ _id }) => _id.toHexString()));
    const isGiven = ({ _id }: WithId<D>) => ids.has(_id.toHexString());
    const after = positionOf(last, last, order);
    const moved = crossings(written, after, { order, settled, isGiven });
    if (moved.given.length + moved.pending.length > MOST_MOVED) {
      return skipSettled(stored, { scope, order, query }, { settled, most: written.length });
    }
    return { data, next: { after, settled, ...moved } };
  }

  async function find(scope: ListScope<D>, query: ListQuery, from?: Continuation): Promise<Found<D>> {
    const order = sortOrder(query.sort);
    if (order.field === 'created_at') return byCreation(scope, order, query, from);
    return query.skip > 0 ? skipping(scope, order, query) : byKey(scope, order, query, from);
  }

  return {
    async page({ prefix, filter, query, scope }) {
      const { cursor, sort, q } = query;
      const words = q === undefined ? [] : foldedWords(q);
      const listed: ListScope<D> = { prefix, words, ...(filter ? { filter } : {}) };
      const signedTo = [sort, q ?? null, ...scope];
      const from = cursor === undefined ? undefined : cursors.open(cursor, signedTo);
      const [{ data, next }, count] = await Promise.all([
        find(listed, query, from),
        isEverybodys(listed) ? everybodys.count() : stored.count(listed),
      ]);
      return { data, count, next_cursor: next ? cursors.seal(next, signedTo) : null };
    },
  };
}
