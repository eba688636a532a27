import type { ResetReason } from './frames.ts';

/** `first` to `last` is what the stream has; `head` is how far this process has read it. */
export type Known = { first: number; head: number };

/** More would keep this process and the broker busy for one reader, who is better off loading everything. */
export const MOST_MISSED = 100_000;

/** Where a reader continues: after `from`, with a reset when what it missed is not known. */
export type Resume = { from: number; reset?: ResetReason };

/** `last` is the end of the stream, asked for only when a reader is ahead of this process. */
export async function resumeAt(
  lastEventId: number | undefined,
  known: () => Known,
  last: () => Promise<number>,
): Promise<Resume> {
  if (lastEventId === undefined) return { from: known().head };
  // Another process may have been faster; while the broker is away, its word is as good as ours.
  const isAhead = lastEventId > known().head && lastEventId > (await last().catch(() => lastEventId));
  const { first, head } = known();
  if (isAhead) return { from: head, reset: 'unknown-id' };
  if (lastEventId < first - 1) return { from: head, reset: 'too-old' };
  if (head - lastEventId > MOST_MISSED) return { from: head, reset: 'too-many' };
  return { from: lastEventId };
}
