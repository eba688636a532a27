import { AckPolicy, DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import { nuid } from '@nats-io/transport-node';
import type { Broker } from '../broker/broker.ts';

/** An entry of a bucket as it came; `text` is undefined for a key that was removed. */
export type BucketEntry = { key: string; text: string | undefined; revision: number; writtenAt: Date };

/** The last entry of each key, then whatever comes. It ends when it is stopped, or by itself when it cannot go on. */
export type BucketFeed = {
  /** @param complete called when all has come that there was at the beginning; more than once */
  read(put: (entry: BucketEntry) => void, complete: () => void): Promise<void>;
  stop(): void;
};

const SECOND_NS = 1_000_000_000;
/** Also how long it takes to see that there is nothing, where the entries that were counted expire before they are sent. */
const HEARTBEAT_NS = 2 * SECOND_NS;
/** The broker ends a consumer that nobody listens to. */
const LEFT_ALONE_NS = 10 * SECOND_NS;

/**
 * Reads a bucket through one consumer of its own. The client's own watch makes another consumer whenever it misses a sign of
 * life; it asks for those every 30 s from then on and waits 10 s for them, so that it makes one after the other, each of
 * which the broker keeps for 5 minutes; and it goes on where it was, also in a bucket that is another. So this one only ends.
 */
export async function openBucketFeed({ jsm, js, newInbox }: Broker, bucket: string): Promise<BucketFeed> {
  const deliver_subject = newInbox();
  const prefix = `$KV.${bucket}.`;
  const { num_pending } = await jsm.consumers.add(`KV_${bucket}`, {
    name: `KV_WATCHER_${nuid.next()}`,
    deliver_subject,
    deliver_policy: DeliverPolicy.LastPerSubject,
    filter_subject: `${prefix}>`,
    ack_policy: AckPolicy.None,
    flow_control: true,
    idle_heartbeat: HEARTBEAT_NS,
    inactive_threshold: LEFT_ALONE_NS,
    mem_storage: true,
    num_replicas: 1,
  });
  const consumer = await js.consumers.getBoundPushConsumer({ deliver_subject });
  const messages = await consumer.consume();
  return {
    async read(put, complete) {
      if (num_pending === 0) complete();
      let delivered = 0;
      let idleAt: number | undefined;
      void (async () => {
        for await (const status of messages.status()) {
          if (status.type === 'consumer_deleted') messages.stop();
          if (status.type !== 'heartbeat') continue;
          // Sent when there is nothing to be sent, or when the broker waits to hear how far we are, which the client then says.
          const isIdle = status.lastConsumerSequence === delivered;
          if (isIdle && (delivered === 0 || idleAt === delivered)) complete();
          idleAt = isIdle ? delivered : undefined;
        }
      })();
      for await (const message of messages) {
        delivered += 1;
        // One that was sent while the connection was lost does not come again.
        if (message.info.deliverySequence !== delivered) return messages.stop();
        put(toEntry(message, prefix));
        if (message.info.pending === 0) complete();
      }
    },
    stop: () => messages.stop(),
  };
}

function toEntry(message: JsMsg, prefix: string): BucketEntry {
  const { headers, info, seq, subject } = message;
  // Written by the client as it removes a key, or by the broker for one whose time is over.
  const isRemoved = headers?.has('KV-Operation') || headers?.has('Nats-Marker-Reason');
  return {
    key: subject.slice(prefix.length),
    text: isRemoved ? undefined : message.string(),
    revision: seq,
    writtenAt: new Date(info.timestampNanos / 1_000_000),
  };
}
