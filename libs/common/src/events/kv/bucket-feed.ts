import { AckPolicy, DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import { nuid } from '@nats-io/transport-node';
import type { Broker } from '../broker/broker.ts';

/** `text` is undefined for a key that was removed. */
export type BucketEntry = { key: string; text: string | undefined; revision: number; writtenAt: Date };

/** Delivers the last entry of each key, then every change, until it is stopped or cannot continue. */
export type BucketFeed = {
  /** @param complete called when all initial entries have arrived, perhaps more than once */
  read(put: (entry: BucketEntry) => void, complete: () => void): Promise<void>;
  stop(): void;
};

const SECOND_NS = 1_000_000_000;
/** Also bounds how long an empty bucket goes unnoticed when its entries expire before they are sent. */
const HEARTBEAT_NS = 2 * SECOND_NS;
const INACTIVE_NS = 10 * SECOND_NS;

/** Reads a bucket. The client's watch leaks consumers, and continues at its old place in a new bucket. */
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
    inactive_threshold: INACTIVE_NS,
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
          // Idle means that nothing more comes, or that the client must answer the broker's flow control.
          const isIdle = status.lastConsumerSequence === delivered;
          if (isIdle && (delivered === 0 || idleAt === delivered)) complete();
          idleAt = isIdle ? delivered : undefined;
        }
      })();
      for await (const message of messages) {
        delivered += 1;
        // A message that was sent while the connection was lost is not sent again.
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
  // The client marks a removed key, the broker an expired one.
  const isRemoved = headers?.has('KV-Operation') || headers?.has('Nats-Marker-Reason');
  return {
    key: subject.slice(prefix.length),
    text: isRemoved ? undefined : message.string(),
    revision: seq,
    writtenAt: new Date(info.timestampNanos / 1_000_000),
  };
}
