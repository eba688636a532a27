import { JetStreamApiError, jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { Broker } from '../broker/broker.ts';

const WRONG_LAST_SEQUENCE = 10_071;
/** Bounds how long a request waits for the broker, for each read or write. */
const ANSWER_WITHIN_MS = 500;
/** The revision of a key that was never written. */
const NEVER_WRITTEN = 0;

/** The value of a key; undefined when there is none, or an unreadable one. */
export type StoredLimit = { value: unknown; revision: number };

/**
 * The bucket in which all replicas count for their rate limits. Each call is one request to the broker, and rejects when the
 * broker is away or does not answer in time.
 */
export type LimitBucket = {
  /** False while the connection is lost. */
  isConnected(): boolean;
  get(key: string): Promise<StoredLimit>;
  /**
   * Writes a value as JSON, unless another replica has written since `revision`.
   * @returns whether it is written
   */
  replace(key: string, value: unknown, revision: number): Promise<boolean>;
  remove(key: string): Promise<void>;
};

/**
 * Opens the bucket without a request: auth has made it by then.
 * @param answerWithinMs longest wait for the broker, for each request
 */
export async function openLimitBucket(
  broker: Broker,
  answerWithinMs = ANSWER_WITHIN_MS,
): Promise<LimitBucket> {
  const js = jetstream(broker.nc, { timeout: answerWithinMs });
  // Reads go to the stream's leader: a follower's value may be old, and a compare-and-set with it would fail.
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
