import { setTimeout as delay } from 'node:timers/promises';
import type { Collection, Filter } from 'mongodb';
import { createSemaphore } from '../../concurrency/semaphore.ts';
import { textBefore } from '../../database/engine.ts';
import type { Log } from '../../process/logging.ts';
import type { Broker } from '../broker/broker.ts';
import type { Outboxed } from './outbox.ts';
import type { Relay } from './relay.ts';

export type SweepTiming = {
  everyMs: number;
  /** Younger events are left to the process that stored them. */
  graceMs: number;
};

type SweepOptions<D extends Outboxed> = {
  collection: Collection<D>;
  relay: Relay<D>;
  broker: Broker;
  log: Log;
  signal: AbortSignal;
  timing?: SweepTiming | undefined;
};

const PAGE = 200;
/** Fewer than a relay allows, so that events of requests do not wait behind a backlog. */
const CONCURRENT_DOCUMENTS = 16;
const REFUSED_PAUSE_MS = 500;
const DEFAULT_TIMING: SweepTiming = { everyMs: 5_000, graceMs: 3_000 };

/** Publishes leftover events until the signal aborts. Replicas may overlap: the broker drops duplicates. */
export async function sweepOutboxes<D extends Outboxed>(options: SweepOptions<D>): Promise<void> {
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
    const pauseMs = everyMs * (0.75 + Math.random() / 2);
    await pause(pauseMs, AbortSignal.any([signal, wake.signal]));
    if (wake.signal.aborted) wake = new AbortController();
  }
}

/** A document whose events cannot be published does not block others. */
async function sweepOnce<D extends Outboxed>(
  { collection, relay, broker, signal }: SweepOptions<D>,
  age: number,
): Promise<void> {
  const until = new Date(Date.now() - age).toISOString();
  // It is not sorted: the index returns the oldest first, and a sort would read the whole backlog.
  const filter: Filter<Outboxed> = { 'outbox.time': textBefore(until) };
  const waiting = collection.find<D>(filter as Filter<D>, { batchSize: PAGE });
  const limit = createSemaphore(CONCURRENT_DOCUMENTS);
  try {
    while (!signal.aborted && broker.isConnected() && (await waiting.hasNext())) {
      const page = waiting.readBufferedDocuments();
      const publish = async (document: D) => !signal.aborted && relay.publish(document);
      const published = await Promise.all(page.map((document) => limit(() => publish(document))));
      await relay.flush();
      // The broker may refuse everything.
      if (!published.includes(true)) await pause(REFUSED_PAUSE_MS, signal);
    }
  } finally {
    await waiting.close();
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);
