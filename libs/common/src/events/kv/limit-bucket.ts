import { JetStreamApiError, jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { Broker } from '../broker/broker.ts';

const WRONG_LAST_SEQUENCE = 10_071;
/** A request that waits for its limit waits no longer for the broker than this, for each of its questions. */
const ANSWER_WITHIN_MS = 500;
/** The revision of a key that nobody has written. */
const NEVER_WRITTEN = 0;

/** What stands under a key: undefined when nothing does, or nothing that can be read. */
export type StoredLimit = { value: unknown; revision: number };

/**
 * The bucket in which all replicas count for their rate limits. Each call is one question to the broker, and rejects when
 * that is away or does not answer in time.
 */
export type LimitBucket = {
  /** False while the connection is lost: a question would be in vain. */
  isConnected(): boolean;
  get(key: string): Promise<StoredLimit>;
  /**
   * Writes a value as JSON, unless somebody else wrote since `revision`.
   * @returns whether it is written
   */
  replace(key: string, value: unknown, revision: number): Promise<boolean>;
  remove(key: string): Promise<void>;
};

/**
 * Opens the bucket without asking for it: auth has made it by then.
 * @param answerWithinMs longest wait for the broker, for each question
 */
export async function openLimitBucket(
  broker: Broker,
  answerWithinMs = ANSWER_WITHIN_MS,
): Promise<LimitBucket> {
  const js = jetstream(broker.nc, { timeout: answerWithinMs });
  // Read from the stream's leader: what a follower says may be old, and comparing with it would be in vain.
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
