import type { Collection } from 'mongodb';
import { createSemaphore } from '../../concurrency/semaphore.ts';
import type { Log } from '../../process/logging.ts';
import { inSpan } from '../../telemetry/tracing.ts';
import type { Broker } from '../broker/broker.ts';
import { isGone } from '../broker/stream-identity.ts';
import type { EventCounts } from '../event-counts.ts';
import { publishing, traceIn } from '../trace-messages.ts';
import type { OutboxEntry, Outboxed } from './outbox.ts';
import { createOutboxCleaner } from './outbox-cleaner.ts';

export type Relay<D extends Outboxed> = {
  /** Never rejects. Resolves false when the broker lacks an event, which then waits for the sweep. */
  publish(document: D): Promise<boolean>;
  /** Resolves when no event is in flight and the published ones are removed. */
  flush(): Promise<void>;
};

const CONCURRENT_DOCUMENTS = 64;
/** The sweep publishes further documents, so that memory stays bounded. */
const MOST_IN_FLIGHT = 2_000;

/** Publishes events from outboxes; a document's events stay when `before` fails. */
export function createRelay<D extends Outboxed>(options: {
  collection: Collection<D>;
  broker: Broker;
  log: Log;
  before?: (document: D) => Promise<void>;
  counts?: EventCounts | undefined;
}): Relay<D> {
  const { broker, log, before, counts } = options;
  const cleaner = createOutboxCleaner(options.collection, log);
  const limit = createSemaphore(CONCURRENT_DOCUMENTS);
  // By document, since a document's events are published in sequence.
  const last = new Map<string, Promise<boolean>>();
  const queued = new Set<string>();
  let inFlight = 0;

  const publishAll = async (document: D): Promise<boolean> => {
    try {
      await before?.(document);
      for (const entry of document.outbox) {
        if (await publishEntry(broker, entry)) counts?.published(entry.type);
      }
    } catch (err) {
      // The stream's own check logs the loss.
      log[isGone(err) ? 'debug' : 'warn']({ err, id: document._id }, 'events stay in the outbox');
      return false;
    }
    // One write removes the events of several requests, so it belongs to no trace.
    broker.tracing.outside(() => cleaner.published(document));
    return true;
  };

  return {
    publish(document) {
      const id = document._id.toHexString();
      const earlier = last.get(id) ?? Promise.resolve(true);
      const outbox = document.outbox.filter(
        (entry) => !queued.has(entry.id) && !cleaner.isPublished(entry.id),
      );
      if (outbox.length === 0) return earlier;
      if (!broker.isConnected() || inFlight >= MOST_IN_FLIGHT) return Promise.resolve(false);
      for (const entry of outbox) queued.add(entry.id);
      // A copy has only its own events, so that many copies of a document stay small.
      const copy = { ...document, outbox };
      // After a failed event, later ones would fail after the same wait.
      const done = earlier.then((succeeded) => succeeded && limit(() => publishAll(copy)));
      last.set(id, done);
      inFlight += 1;
      void done.then(() => {
        inFlight -= 1;
        for (const entry of outbox) queued.delete(entry.id);
        if (last.get(id) === done) last.delete(id);
      });
      return done;
    },
    async flush() {
      await Promise.all(last.values());
      await cleaner.flush();
    },
  };
}

/** @returns whether the broker had not stored the event before */
async function publishEntry(broker: Broker, entry: OutboxEntry): Promise<boolean> {
  const { traceparent, ...event } = entry;
  const subject = broker.names.event(event.type);
  const parent = { traceparent };
  return inSpan(
    broker.tracing,
    `publish ${event.type}`,
    publishing(subject, event.id, parent),
    async (span) => {
      const headers = traceIn({ ...parent, ...span.headers() });
      const sent = await broker.js.publish(subject, JSON.stringify(event), { msgID: event.id, headers });
      return !sent.duplicate;
    },
  );
}
