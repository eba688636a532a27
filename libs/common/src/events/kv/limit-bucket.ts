import { JetStreamApiError, jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { Broker } from '../broker/broker.ts';

const WRONG_LAST_SEQUENCE = 10_071;
const ANSWER_WITHIN_MS = 500;
const NEVER_WRITTEN = 0;

/** The value is undefined when it is missing or unreadable. */
export type StoredLimit = { value: unknown; revision: number };

/** Each call is one request, and rejects when the broker does not answer in time. */
export type LimitBucket = {
  isConnected(): boolean;
  get(key: string): Promise<StoredLimit>;
  /** @returns false, without a write, when another replica has written since `revision` */
  replace(key: string, value: unknown, revision: number): Promise<boolean>;
  remove(key: string): Promise<void>;
};

/** Opens the bucket, which auth has made by then, without a request. */
export async function openLimitBucket(
  broker: Broker,
  answerWithinMs = ANSWER_WITHIN_MS,
): Promise<LimitBucket> {
  const js = jetstream(broker.nc, { timeout: answerWithinMs });
  // A follower's value may be old, and a compare-and-set with it would fail.
  const kv = await new Kvm(js).open(broker.names.limits, { allow_direct: false });
  return {
    isConnected: broker.isConnected,

    async get(key) {
      const entry = await kv.get(key);
      if (!entry) return { value: undefined, revision: NEVER_WRITTEN };
      const value = entry.operation === 'PUT' ? parseJson(entry.string()) : undefined;
      return { value, revision: entry.revision };
    },

    async replace(key, value, revision) {
      try {
        await kv.put(key, JSON.stringify(value), { previousSeq: revision });
        return true;
      } catch (err) {
        if (err instanceof JetStreamApiError && err.code === WRONG_LAST_SEQUENCE) return false;
        throw err;
      }
    },

    async remove(key) {
      await kv.delete(key);
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
