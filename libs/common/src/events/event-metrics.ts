import type { Collection, Filter } from 'mongodb';
import { textBefore } from '../database/engine.ts';
import type { Metrics } from '../process/metrics.ts';
import type { RevocationMap } from '../tokens/revocations.ts';
import type { Broker } from './broker/broker.ts';
import type { EventCounts } from './event-counts.ts';
import type { Outboxed } from './outbox/outbox.ts';
import type { Backlog } from './status/status-report.ts';

/** Counts events for relays and consumers. */
export function countEvents({ countBy }: Metrics): EventCounts {
  const published = countBy('events_published_total', 'Events that the broker has taken', ['type']);
  const delivered = countBy('events_delivered_total', 'Deliveries of events', ['consumer', 'type']);
  const redelivered = countBy('events_redelivered_total', 'Deliveries that were not the first', [
    'consumer',
    'type',
  ]);
  const deadLettered = countBy('events_dead_lettered_total', 'Events given up', ['consumer', 'type']);
  return {
    published: (type) => published({ type }),
    delivered(consumer, type, attempt) {
      delivered({ consumer, type });
      if (attempt > 1) redelivered({ consumer, type });
    },
    deadLettered: (consumer, type) => deadLettered({ consumer, type }),
  };
}

/** Measures whether the broker is connected. */
export function observeBroker({ observe }: Metrics, broker: Broker): void {
  observe('broker_connected', '1 while the broker is connected', async () => (broker.isConnected() ? 1 : 0));
  observe(
    'broker_stream_missing',
    '1 while the broker does not have a stream, or the stream of a bucket, that this process needs',
    async () =>
      Object.fromEntries(
        Object.entries(broker.looks.present()).map(([stream, isThere]) => [stream, isThere ? 0 : 1]),
      ),
    'stream',
  );
}

/** Measures the copy of revocations, and how long the broker has been away. */
export function observeRevocations({ observe }: Metrics, { size }: RevocationMap, broker: Broker): void {
  observe('revocations', 'Entries in the copy of revocations', async () => size(), 'kind');
  observe('revocations_behind_seconds', 'How long no revocation could be heard of', async () => {
    const since = broker.awaySince();
    return since === undefined ? 0 : (Date.now() - since) / 1000;
  });
}

type CountsOutboxes = { waiting(): Promise<number>; oldestAgeSeconds(): Promise<number> };

const observed = new WeakMap<Metrics, CountsOutboxes[]>();

/** Measures how many documents of all observed collections hold unpublished events, and the age of the oldest. */
export function observeOutbox<D extends Outboxed>(metrics: Metrics, collection: Collection<D>): void {
  const waiting: Filter<Outboxed> = { 'outbox.time': textBefore('~') };
  const filter = waiting as Filter<D>;
  const counts: CountsOutboxes = {
    waiting: () => collection.countDocuments(filter),
    async oldestAgeSeconds() {
      // It is not sorted, since the index returns the oldest first.
      const oldest = await collection.findOne(filter);
      const time = oldest?.outbox[0]?.time;
      return time === undefined ? 0 : Math.max(0, Date.now() - Date.parse(time)) / 1000;
    },
  };
  const known = observed.get(metrics);
  if (known) {
    known.push(counts);
    return;
  }
  const all = [counts];
  observed.set(metrics, all);
  metrics.observe('outbox_documents', 'Documents with events that are not published yet', async () => {
    const each = await Promise.all(all.map((one) => one.waiting()));
    return each.reduce((sum, count) => sum + count, 0);
  });
  metrics.observe(
    'outbox_oldest_age_seconds',
    'Age of the oldest event that is not published yet',
    async () => Math.max(...(await Promise.all(all.map((one) => one.oldestAgeSeconds())))),
  );
}

/** Returns what waits in all outboxes that {@link observeOutbox} measures. */
export async function outboxBacklog(metrics: Metrics): Promise<Backlog> {
  const each = await Promise.all(
    (observed.get(metrics) ?? []).map(async (one) => ({
      waiting: await one.waiting(),
      age: await one.oldestAgeSeconds(),
    })),
  );
  const waiting = each.reduce((sum, one) => sum + one.waiting, 0);
  return { waiting, oldest_age_seconds: waiting === 0 ? null : Math.max(...each.map(({ age }) => age)) };
}

/** Measures events that a consumer has not received, and those it has not acknowledged. */
export function observeConsumer({ observe }: Metrics, broker: Broker, name: string): void {
  const info = () => broker.jsm.consumers.info(broker.names.eventStream, name);
  observe(
    'consumer_pending',
    'Events that wait for the consumer',
    async () => ({ [name]: (await info()).num_pending }),
    'consumer',
  );
  observe(
    'consumer_unacknowledged',
    'Events in flight or in a pause before the next attempt',
    async () => ({ [name]: (await info()).num_ack_pending }),
    'consumer',
  );
}

/** Measures the number of dead letters. */
export function observeDeadLetters({ observe }: Metrics, broker: Broker): void {
  observe('dead_letters', 'Dead letters that were neither replayed nor discarded', async () => {
    const { state } = await broker.jsm.streams.info(broker.names.deadLetterStream);
    return state.messages;
  });
}
