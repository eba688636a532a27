import { setTimeout as delay } from 'node:timers/promises';
import type { OpenStream } from './open-stream.ts';
import { BLOCK, type PastEvents } from './past-events.ts';
import type { RecentEvents } from './recent-events.ts';

const TRY_AGAIN_MS = 500;

/** Where the events came from that a reader had missed. */
export type Source = 'memory' | 'broker';

/**
 * Writes what a reader missed, a batch at a time as fast as it reads, and then makes its stream live.
 * Nothing runs between the last batch and that, so no event is left out or written twice.
 */
export async function catchUp(
  stream: OpenStream,
  { recent, past }: { recent: RecentEvents; past: PastEvents },
  count: { sent(): void; cutOff(): void },
): Promise<Source> {
  let source: Source = 'memory';
  while (stream.isOpen) {
    const from = stream.position;
    const isInMemory = from >= recent.floor();
    if (!isInMemory) source = 'broker';
    const batch = isInMemory
      ? recent.after(from, BLOCK)
      : await past.after(from, recent.floor()).catch(() => undefined);
    // The event stream was recreated meanwhile.
    if (stream.position !== from) continue;
    if (!batch) {
      // The broker is away; the reader's connection stays.
      await delay(TRY_AGAIN_MS, undefined, { ref: false });
      continue;
    }
    for (const event of batch.events) {
      if (!stream.maySee(event)) continue;
      if (stream.send(event)) count.sent();
      else count.cutOff();
    }
    stream.position = Math.max(stream.position, batch.upTo);
    if (stream.position >= recent.head()) {
      stream.isLive = true;
      break;
    }
    await stream.drained();
  }
  return source;
}
