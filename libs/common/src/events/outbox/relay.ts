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

/** Publishes what waits in outboxes. */
export type Relay<D extends Outboxed> = {
  /**
   * Publishes those of a document's events that are not on their way yet, in their order. Resolves true when the broker has
   * them all, false when it did not get them: they stay in the document, and the sweep comes back to them. Never rejects.
   */
  publish(document: D): Promise<boolean>;
  /** Waits until everything in hand is published or given up, and taken out of the outboxes. */
  flush(): Promise<void>;
};

const CONCURRENT_DOCUMENTS = 64;
/** Beyond this many copies of documents in hand the rest is left to the sweep, so that memory stays bounded. */
const MOST_IN_HAND = 2_000;

/**
 * @param before done for a document before its events go out, for what must be known first; its outbox holds these
 *   events only; a failure leaves them
 */
export function createRelay<D extends Outboxed>(options: {
  collection: Collection<D>;
  broker: Broker;
  log: Log;
  before?: (document: D) => Promise<void>;
  counts?: EventCounts | undefined;
}): Relay<D> {
  const { broker, log, before, counts } = options;
  const cleaner = createOutboxCleaner(options.collection, log);
  const gate = createSemaphore(CONCURRENT_DOCUMENTS);
  // The last work on each document: a document's events are published one after the other.
  const lanes = new Map<string, Promise<boolean>>();
  /** Ids of the events that are in a lane. */
  const queued = new Set<string>();
  let inHand = 0;

  const publishAll = async (document: D): Promise<boolean> => {
    try {
      await before?.(document);
      for (const entry of document.outbox) {
        if (await publishEntry(broker, entry)) counts?.published(entry.type);
      }
    } catch (err) {
      // That the stream is lost is told once, by who looks for it.
      log[isGone(err) ? 'debug' : 'warn']({ err, id: document._id }, 'events stay in the outbox');
      return false;
    }
    // Taken out together with those of other requests.
    broker.tracing.outside(() => cleaner.published(document));
    return true;
  };

  return {
    publish(document) {
      const id = document._id.toHexString();
      const earlier = lanes.get(id) ?? Promise.resolve(true);
      const outbox = document.outbox.filter(
        (entry) => !queued.has(entry.id) && !cleaner.isPublished(entry.id),
      );
      if (outbox.length === 0) return earlier;
      if (!broker.isConnected() || inHand >= MOST_IN_HAND) return Promise.resolve(false);
      for (const entry of outbox) queued.add(entry.id);
      // Without the events that earlier copies brought: a document that is changed quickly would be kept many times over.
      const copy = { ...document, outbox };
      // What comes behind events that could not be published would fail after the same wait.
      const done = earlier.then((went) => went && gate(() => publishAll(copy)));
      lanes.set(id, done);
      inHand += 1;
      void done.then(() => {
        inHand -= 1;
        for (const entry of outbox) queued.delete(entry.id);
        if (lanes.get(id) === done) lanes.delete(id);
      });
      return done;
    },
    async flush() {
      await Promise.all(lanes.values());
      await cleaner.flush();
    },
  };
}

/** @returns whether the broker did not know the event yet */
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
