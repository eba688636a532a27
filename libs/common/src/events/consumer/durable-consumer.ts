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

/** How long the broker waits for a sign of life before it delivers a message again, if a consumer says nothing else. */
export const ACK_WAIT_MS = 15_000;

/**
 * Messages that wait for their next attempt are unacknowledged too. With the broker's 1,000, as many failing messages
 * would hold up all later ones for up to an hour; some bound there must be, since the broker keeps them in memory.
 */
const MOST_UNACKNOWLEDGED = 50_000;
const CONSUMER_EXISTS = 10_148;

/** A service's durable consumer: the event types are those that this process handles. */
export type Durable = { broker: Broker; name: string; types: EventType[]; ackWaitMs: number };

/**
 * Makes a service's durable consumer, or adds the event types that this process handles. The consumer also gets what is
 * replayed to it, and no other does.
 */
export async function ensureConsumer(durable: Durable): Promise<void> {
  const { broker, name, ackWaitMs } = durable;
  const { jsm, names } = broker;
  const stored = await infoOf(durable);
  const config = {
    ack_wait: ackWaitMs * 1_000_000,
    // Attempts are counted here, not by the broker: no process would be left to make a dead letter of a message.
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
    // Another replica has made it since.
    if (!hasCode(err, CONSUMER_EXISTS)) throw err;
    await ensureConsumer(durable);
  }
}

/** Puts back what another process has taken out of the filter at the same moment, and renews what stands there. */
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
