import { setTimeout as delay } from 'node:timers/promises';
import { createQuartetClient, QuartetError } from '@quartet/client';
import type { Broker } from '@quartet/common/events/broker/broker.ts';
import { ADMIN } from '../../support/client.ts';

/** What one reader of live updates has received since it began, or since the last reset. */
export type LiveRecord = {
  /** It gets every event after this place in the stream. */
  after: number;
  /** The last event’s, or `after`. */
  place: number;
  /** Ids of events, by place. */
  seen: Map<number, string>;
  /** Events whose place is not after that of the event before. */
  again: string[];
  /** Counts of the whole run. */
  received: number;
  resets: number;
};

export type LiveReaders = {
  records: readonly LiveRecord[];
  /** Resolves when each has received the event at this place, or something later, or has had long enough. */
  caughtUp(place: number): Promise<void>;
  close(): Promise<void>;
};

const POLL_MS = 100;
const LOG_IN_AGAIN_MS = 200;
/** The client’s pause between two attempts doubles while a gateway is away. */
const CAUGHT_UP_WITHIN_MS = 30_000;

/** Superusers, who see every event, read by the TypeScript client; `send` is for what is in front of the gateways. */
export async function openLiveReaders(
  count: number,
  { jsm, names }: Broker,
  baseUrl: string,
  send: typeof fetch = fetch,
): Promise<LiveReaders> {
  const { state } = await jsm.streams.info(names.eventStream);
  const over = new AbortController();
  const records = Array.from({ length: count }, () => newRecord(state.last_seq));
  const reading = records.map((record) => read(record, { baseUrl, fetch: send }, over.signal));
  return {
    records,
    async caughtUp(place) {
      const deadline = performance.now() + CAUGHT_UP_WITHIN_MS;
      while (records.some((record) => record.place < place) && performance.now() < deadline)
        await delay(POLL_MS);
    },
    async close() {
      over.abort();
      await Promise.all(reading);
    },
  };
}

async function read(
  record: LiveRecord,
  options: { baseUrl: string; fetch: typeof fetch },
  signal: AbortSignal,
): Promise<void> {
  const client = createQuartetClient(options);
  while (!signal.aborted) {
    try {
      await client.logIn(ADMIN.email, ADMIN.password, { signal });
      await client.live({
        signal,
        lastEventId: String(record.place),
        onEvent: (event, lastEventId) => take(record, Number(lastEventId), event.id),
        onReset: (_reason, lastEventId) => reset(record, Number(lastEventId)),
      });
    } catch (err) {
      // The API is away, or the broker has lost since when sessions are good.
      if (!signal.aborted && !(err instanceof QuartetError)) throw err;
    }
    await delay(LOG_IN_AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}

export const newRecord = (after: number): LiveRecord => ({
  ...{ after, place: after, seen: new Map(), again: [] },
  ...{ received: 0, resets: 0 },
});

export function take(record: LiveRecord, place: number, id: string): void {
  if (place <= record.place) record.again.push(`${id} at ${place}, after ${record.place}`);
  record.seen.set(place, id);
  record.place = place;
  record.received += 1;
}

/** What was missed is lost, so only what follows is expected. */
function reset(record: LiveRecord, after: number): void {
  Object.assign(record, { after, place: after, resets: record.resets + 1 });
  record.seen.clear();
}

/** For the reports: events received by all readers, and resets. */
export const countsOf = (records: readonly LiveRecord[]): [received: number, resets: number] => [
  records.reduce((sum, { received }) => sum + received, 0),
  records.reduce((sum, { resets }) => sum + resets, 0),
];
