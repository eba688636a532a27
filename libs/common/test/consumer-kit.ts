import { afterAll, beforeAll } from 'vitest';
import { unhandled } from '../../../tests/support/events.ts';
import { startTestbed, type Testbed } from '../../../tests/support/testbed.ts';
import { ensureTopology } from '../src/events/broker/topology.ts';
import { runConsumer } from '../src/events/consumer/consumer.ts';
import type { ConsumerOptions, EventHandler, EventHandlers } from '../src/events/consumer/event-handler.ts';
import type { RetryPolicy } from '../src/events/consumer/retry.ts';
import { itemEvent, recordingLog, stored } from './event-kit.ts';

const QUICK: RetryPolicy = { attempts: 3, firstDelayMs: 20, longestDelayMs: 40 };

export const onItem = (handler: EventHandler<'item.created'>): EventHandlers => ({ 'item.created': handler });

export type ConsumerBed = { bed: Testbed; kit: ReturnType<typeof createConsumerKit> };

/** Makes the bed in hooks of the calling file; its parts exist once a test runs. */
export function useConsumerBed(): ConsumerBed {
  const made = {} as ConsumerBed;
  beforeAll(async () => {
    made.bed = await startTestbed();
    await ensureTopology(made.bed.broker, 3600);
    made.kit = createConsumerKit(made.bed);
  });
  afterAll(() => made.bed.stop());
  return made;
}

function createConsumerKit(bed: Testbed) {
  const { log } = recordingLog();
  let consumers = 0;

  async function publish(text: string, type = 'item.created'): Promise<void> {
    await bed.broker.js.publish(bed.broker.names.event(type), text);
  }

  async function publishItem(event = itemEvent()): Promise<string> {
    await publish(JSON.stringify(event));
    return event.id;
  }

  /** Starts a new consumer behind the messages of other tests. */
  async function consume(
    handlers: EventHandlers,
    retry = QUICK,
    more: Pick<ConsumerOptions, 'isAway' | 'counts' | 'ackWaitMs'> = {},
  ) {
    consumers += 1;
    const name = `consumer-${consumers}`;
    await bed.broker.jsm.streams.purge(bed.broker.names.eventStream);
    const running = await runConsumer({ broker: bed.broker, name, handlers, log, retry, ...more });
    bed.stopLater(() => running.stop());
    const info = () => bed.broker.jsm.consumers.info(bed.broker.names.eventStream, name);
    const unacknowledged = () => unhandled(bed.broker, name);
    const letters = async () =>
      (await stored(bed.broker, bed.broker.names.deadLetterStream))
        .map(({ text }) => JSON.parse(text) as Record<string, unknown>)
        .filter(({ consumer }) => consumer === name);
    return { name, running, info, unacknowledged, letters };
  }

  return { log, publish, publishItem, consume };
}
