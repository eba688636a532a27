import type { Continuation } from './cursors.ts';
import type { Listed, ListScope, StoredOrder } from './stored-order.ts';
import { settledTime } from './versions.ts';

/** When a reading takes the order of a younger moment: it began this long ago, and more than `most` documents were written since. */
export type MovesOn = { afterMs: number; most: number };

/** A page reads all of them: 20,000 take a second or more. */
export const MOVES_ON: MovesOn = { afterMs: 60_000, most: 20_000 };

/** Returns where a reading continues. After it has moved on, what moved between both moments may come twice or be missing. */
export async function movedOn<D extends Listed>(
  stored: Pick<StoredOrder<D>, 'hasMoreWritten'>,
  { scope, from }: { scope: ListScope<D>; from: Continuation },
  { movesOn, now }: { movesOn: MovesOn; now: Date },
): Promise<Continuation> {
  const { after, settled } = from;
  if (!settled || now.getTime() - settled.getTime() < movesOn.afterMs) return from;
  if (!(await stored.hasMoreWritten(scope, settled, movesOn.most))) return from;
  return { after, settled: settledTime(now), given: [], pending: [] };
}
