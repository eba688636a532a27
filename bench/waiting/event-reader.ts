import { DeliverPolicy } from '@nats-io/jetstream';
import { brokerAddress } from '@quartet/common/config/fields.ts';
import { connectBroker } from '@quartet/common/events/broker/broker.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import * as z from 'zod';
import type { LaunchedStack } from '../launched-stack.ts';
import { type Arrivals, createArrivals } from './arrivals.ts';

const envelope = z.object({ type: z.string(), subject: z.string() });

/** Reads new events; the keys are type and subject, as in `item.created 65f1c0ffee15600d5eed0a01`. */
export async function readEvents(
  { broker: { url, namespace } }: LaunchedStack,
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Arrivals> {
  const log = createLog('bench', 'silent');
  const broker = await connectBroker({ ...brokerAddress.parse(url), namespace, name: 'bench', log, signal });
  resources.defer(() => broker.close());
  const arrivals = createArrivals(signal);
  const consumer = await broker.js.consumers.get(broker.names.eventStream, {
    deliver_policy: DeliverPolicy.New,
  });
  const messages = await consumer.consume({
    callback(message) {
      const { type, subject } = envelope.parse(message.json());
      arrivals.arrived(`${type} ${subject}`);
    },
  });
  resources.defer(async () => void (await messages.close()));
  return arrivals;
}
