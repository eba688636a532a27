import { setTimeout as delay } from 'node:timers/promises';
import { AckPolicy, DeliverPolicy, type JsMsg, type StreamInfo } from '@nats-io/jetstream';
import type { Log } from '../../process/logging.ts';
import { waiting } from '../../process/wait-for.ts';
import type { Broker } from '../broker/broker.ts';
import { isGone } from '../broker/stream-identity.ts';
import { createSilenceCheck } from '../kv/silent-watch.ts';
import type { StoredEvent } from './stored-event.ts';

/** What the broker keeps: sequences from `first` to `last`; `created` tells a stream from a later one of its name. */
export type StreamExtent = { created: string; first: number; last: number };

export type TailFollower = {
  /** Called whenever following begins; returns the sequence to begin at. */
  opened(stream: StreamExtent): number;
  /** Called every few seconds. */
  looked(stream: StreamExtent): void;
  /** Sequences grow from one call to the next, and none is left out that the stream has. */
  stored(message: StoredEvent): void;
};

const RETRY_MS = 500;
const SECOND_NS = 1_000_000_000;
const HEARTBEAT_NS = 2 * SECOND_NS;
const INACTIVE_NS = 10 * SECOND_NS;

type Following = { broker: Broker; follower: TailFollower; log: Log; signal: AbortSignal };

/** Follows the event stream until the signal aborts, also through outages; resolves at its present end. */
export async function followEvents(
  broker: Broker,
  follower: TailFollower,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const atEnd = Promise.withResolvers<void>();
  const abort = () => atEnd.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  void keepFollowing({ broker, follower, log, signal }, atEnd.resolve);
  await waiting('the end of the event stream', atEnd.promise).finally(() =>
    signal.removeEventListener('abort', abort),
  );
}

/** Asks the broker what the event stream holds. @throws when the broker is away or has no stream */
export const eventStreamExtent = async ({ jsm, names }: Broker): Promise<StreamExtent> =>
  extentOf(await jsm.streams.info(names.eventStream));

async function keepFollowing(following: Following, atEnd: () => void): Promise<void> {
  const { broker, log, signal } = following;
  let attempt = new AbortController();
  broker.onReconnect(() => attempt.abort());
  while (!signal.aborted) {
    attempt = new AbortController();
    try {
      await followOnce(following, atEnd, AbortSignal.any([signal, attempt.signal]), () => attempt.abort());
    } catch (err) {
      // The stream's own check logs the loss.
      if (!signal.aborted && !isGone(err)) log.warn({ err }, 'following the events failed, starting again');
    }
    attempt.abort();
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function followOnce(
  { broker, follower, log }: Following,
  atEnd: () => void,
  until: AbortSignal,
  end: () => void,
): Promise<void> {
  const stream = broker.names.eventStream;
  const begun = await broker.jsm.streams.info(stream);
  const feed = await openFeed(broker, follower.opened(extentOf(begun)));
  until.addEventListener('abort', feed.stop, { once: true });
  if (until.aborted) feed.stop();
  const silence = createSilenceCheck(begun.state.last_seq);
  if (feed.isAtEnd) {
    silence.complete();
    atEnd();
  }
  const found = (now: StreamInfo): void => {
    const extent = extentOf(now);
    follower.looked(extent);
    if (extent.created !== begun.created || silence.wentBack(extent.last)) end();
    else if (silence.isSilent(extent.last)) {
      log.warn('the feed of events has fallen silent, starting again');
      end();
    }
  };
  broker.looks.keep(stream, { found }, until).catch(() => undefined);
  for await (const message of feed.messages) {
    silence.saw(message.seq);
    follower.stored(toStored(broker, message));
    if (message.info.pending === 0) atEnd();
  }
}

type Feed = { messages: AsyncIterable<JsMsg>; isAtEnd: boolean; stop(): void };

/** The consumer ends by itself when nobody reads it. Its name is the broker's choice (docs/broker-users.md). */
async function openFeed({ jsm, js, names, newInbox }: Broker, from: number): Promise<Feed> {
  const deliver_subject = newInbox();
  const { num_pending } = await jsm.consumers.add(names.eventStream, {
    deliver_subject,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: from,
    ack_policy: AckPolicy.None,
    flow_control: true,
    idle_heartbeat: HEARTBEAT_NS,
    inactive_threshold: INACTIVE_NS,
    mem_storage: true,
    num_replicas: 1,
  });
  const consumer = await js.consumers.getBoundPushConsumer({ deliver_subject });
  const messages = await consumer.consume();
  void (async () => {
    for await (const { type } of messages.status()) if (type === 'consumer_deleted') messages.stop();
  })();
  return { messages: withoutGap(messages), isAtEnd: num_pending === 0, stop: () => messages.stop() };
}

/** A message that was sent while the connection was lost is not sent again. */
async function* withoutGap(messages: AsyncIterable<JsMsg>): AsyncIterable<JsMsg> {
  let delivered = 0;
  for await (const message of messages) {
    delivered += 1;
    if (message.info.deliverySequence !== delivered) return;
    yield message;
  }
}

const extentOf = ({ created, state }: StreamInfo): StreamExtent => ({
  created,
  first: state.first_seq,
  last: state.last_seq,
});

const toStored = ({ names }: Broker, message: JsMsg): StoredEvent => ({
  sequence: message.seq,
  type: names.typeOf(message.subject),
  text: message.string(),
});
