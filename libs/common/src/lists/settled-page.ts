import type { ObjectId } from 'mongodb';
import type { Continuation } from './cursors.ts';
import { comparePositions, type Position, positionOf, type SortOrder } from './sort-order.ts';
import { type Version, type Versioned, versionAt } from './versions.ts';

// Pure functions: what a page consists of, when documents move while it is read. See docs/decisions/0058.

type Movable = Versioned<Version> & { _id: ObjectId };

/** A document with its place in this reading. */
export type Placed<D> = { document: D; at: Position };

/** More ids make a cursor long; then the whole reading has the order of the settled time. */
export const MOST_MOVED = 100;

/** Where a document is at the settled time. */
const settledPlace = (document: Movable, settled: Date, order: SortOrder): Position =>
  positionOf(document, versionAt(document, settled), order);

const presentPlace = (document: Movable, order: SortOrder): Position => positionOf(document, document, order);

/** Puts what was written since the settled time among the rest: on a first page at its present places. */
export function firstPage<D extends Movable>(
  rest: readonly D[],
  written: readonly D[],
  { order, settled, isPresent }: { order: SortOrder; settled: Date; isPresent: boolean },
): Placed<D>[] {
  const place = (document: D) =>
    isPresent ? presentPlace(document, order) : settledPlace(document, settled, order);
  return merge(
    rest,
    written.map((document) => ({ document, at: place(document) })),
    order,
  );
}

/** The same for a page that continues another. */
export function nextPage<D extends Movable>(
  rest: readonly D[],
  written: readonly D[],
  { after, given, pending }: Continuation,
  { order, settled }: { order: SortOrder; settled: Date },
): Placed<D>[] {
  const isAhead = (at: Position) => order.direction * comparePositions(at, after) > 0;
  const placed = written.flatMap((document) => {
    const id = document._id.toHexString();
    if (given.includes(id)) return [];
    const present = presentPlace(document, order);
    // It is overdue when it moved behind the reader meanwhile.
    if (pending.includes(id)) return [{ document, at: isAhead(present) ? present : after }];
    const at = settledPlace(document, settled, order);
    return isAhead(at) ? [{ document, at }] : [];
  });
  return merge(rest, placed, order);
}

/**
 * Says what the next page must know of documents that were given out at their present places, or were not although their settled
 * places are passed. `isGiven` is for documents of this page.
 */
export function crossings<D extends Movable>(
  written: readonly D[],
  after: Position,
  { order, settled, isGiven }: { order: SortOrder; settled: Date; isGiven: (document: D) => boolean },
): Pick<Continuation, 'given' | 'pending'> {
  const isPassed = (at: Position) => order.direction * comparePositions(at, after) <= 0;
  const ids = (documents: readonly D[]) => documents.map(({ _id }) => _id.toHexString());
  const wasGiven = (document: D) => isGiven(document) || isPassed(presentPlace(document, order));
  const isBehind = (document: D) => isPassed(settledPlace(document, settled, order));
  return {
    given: ids(written.filter((document) => wasGiven(document) && !isBehind(document))),
    pending: ids(written.filter((document) => !wasGiven(document) && isBehind(document))),
  };
}

/** What was written replaces the copy that was read before. */
function merge<D extends Movable>(rest: readonly D[], placed: Placed<D>[], order: SortOrder): Placed<D>[] {
  const ids = new Set(placed.map(({ document }) => document._id.toHexString()));
  const others = rest
    .filter(({ _id }) => !ids.has(_id.toHexString()))
    .map((document) => ({ document, at: presentPlace(document, order) }));
  return [...others, ...placed].toSorted((a, b) => order.direction * comparePositions(a.at, b.at));
}
