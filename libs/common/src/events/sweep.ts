import { setTimeout as delay } from 'node:timers/promises';
import type { Collection, Filter } from 'mongodb';
import type { Log } from '../logging.ts';
import type { Broker } from './broker.ts';
import type { Outboxed } from './outbox.ts';
import type { Relay } from './relay.ts';

/** How often outboxes are swept, in milliseconds. */
export type SweepTiming = {
  /** Pause between two sweeps. */
  everyMs: number;
  /** Younger events are left to the process that is publishing them just now. */
  graceMs: number;
};

const PAGE = 200;
const DEFAULT_TIMING: SweepTiming = { everyMs: 5_000, graceMs: 3_000 };

/**
 * Publishes what a crash or an absent broker left in outboxes: at once, then every few seconds and after every
 * reconnection, until the signal aborts. Several replicas may sweep at once: the broker knows an event by its id.
 */
export async function sweepOutboxes<D extends Outboxed>(options: {
  collection: Collection<D>;
  relay: Relay<D>;
  broker: Broker;
  log: Log;
  signal: AbortSignal;
  timing?: SweepTiming | undefined;
}): Promise<void> {
  const { broker, log, signal } = options;
  const { everyMs, graceMs } = options.timing ?? DEFAULT_TIMING;
  let wake = new AbortController();
  broker.onReconnect(() => wake.abort());
  for (let age = 0; !signal.aborted; age = graceMs) {
    try {
      if (broker.isConnected()) await sweepOnce(options, age);
    } catch (err) {
      log.warn({ err }, 'sweeping the outboxes failed');
    }
    // Jitter, so that replicas do not keep step.
    const pauseMs = everyMs * (0.75 + Math.random() / 2);
    await delay(pauseMs, undefined, { signal: AbortSignal.any([signal, wake.signal]) }).catch(
      () => undefined,
    );
    if (wake.signal.aborted) wake = new AbortController();
  }
}

async function sweepOnce<D extends Outboxed>(
  { collection, relay, signal }: { collection: Collection<D>; relay: Relay<D>; signal: AbortSignal },
  age: number,
): Promise<void> {
  const until = new Date(Date.now() - age).toISOString();
  while (!signal.aborted) {
    // Bounded on both sides: an engine may answer a half-open range by reading everything. Not sorted: the index gives
    // the oldest first anyway, and a sort by an array's field would read all of a backlog for each page.
    const filter: Filter<Outboxed> = { 'outbox.time': { $gt: '', $lt: until } };
    const page = await collection.find<D>(filter as Filter<D>, { limit: PAGE }).toArray();
    const published = await Promise.all(page.map((document) => relay.publish(document)));
    await relay.flush();
    if (page.length < PAGE || published.includes(false)) return;
  }
}
