import {
  AckPolicy,
  type ConsumerInfo,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
} from '@nats-io/jetstream';
import type { Broker } from '../broker/broker.ts';
import type { EventType } from '../contracts.ts';
import { hasFilter, sharedFilter } from './consumer-filter.ts';

export const ACK_WAIT_MS = 15_000;

/** With the broker's 1,000, as many failing messages would block later ones for up to an hour. */
const MOST_UNACKNOWLEDGED = 50_000;
const CONSUMER_EXISTS = 10_148;

export type Durable = { broker: Broker; name: string; types: EventType[]; ackWaitMs: number };

/** Creates a service's durable consumer, or adds the event types that this process handles. */
export async function ensureConsumer(durable: Durable): Promise<void> {
  const { broker, name, ackWaitMs } = durable;
  const { jsm, names } = broker;
  const stored = await infoOf(durable);
  const config = {
    ack_wait: ackWaitMs * 1_000_000,
    // The code counts attempts: at the broker's limit, no process could make a dead letter of a message.
    max_deliver: -1,
    max_ack_pending: MOST_UNACKNOWLEDGED,
    ...filterOf(durable, stored),
  };
  if (stored) {
    await jsm.consumers.update(names.eventStream, name, config);
    return;
  }
  try {
    const policies = { ack_policy: AckPolicy.Explicit, deliver_policy: DeliverPolicy.All };
    await jsm.consumers.add(names.eventStream, { durable_name: name, ...policies, ...config });
  } catch (err) {
    // Another replica has created it meanwhile.
    if (!hasCode(err, CONSUMER_EXISTS)) throw err;
    await ensureConsumer(durable);
  }
}

/** Restores what another process has removed from the filter at the same moment, and renews its times. */
export async function keepFilter(durable: Durable): Promise<void> {
  const { broker, name } = durable;
  const stored = await infoOf(durable);
  if (!stored) return;
  const filter = filterOf(durable, stored);
  if (hasFilter(stored.config, filter)) return;
  await broker.jsm.consumers.update(broker.names.eventStream, name, filter);
}

const filterOf = ({ broker: { names }, name, types }: Durable, stored: ConsumerInfo | undefined) =>
  sharedFilter(
    [...types.map(names.event), names.replay(name)],
    stored?.config ?? {},
    Math.floor(Date.now() / 1000),
  );

async function infoOf({ broker: { jsm, names }, name }: Durable): Promise<ConsumerInfo | undefined> {
  try {
    return await jsm.consumers.info(names.eventStream, name);
  } catch (err) {
    if (hasCode(err, JetStreamApiCodes.ConsumerNotFound)) return undefined;
    throw err;
  }
}

const hasCode = (err: unknown, code: number): boolean =>
  err instanceof JetStreamApiError && err.code === code;
