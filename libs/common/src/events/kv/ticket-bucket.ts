import { JetStreamApiError, jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { Broker } from '../broker/broker.ts';

const WRONG_LAST_SEQUENCE = 10_071;
const ANSWER_WITHIN_MS = 2_000;

/** Values that can be taken once, by whichever process asks first. Each call rejects while the broker is away. */
export type TicketBucket = {
  put(key: string, value: unknown): Promise<void>;
  /** Resolves to undefined for a key that is unknown or was taken. */
  take(key: string): Promise<unknown>;
};

/** Opens the bucket, which auth has made, without a request. */
export async function openTicketBucket(broker: Broker): Promise<TicketBucket> {
  const js = jetstream(broker.nc, { timeout: ANSWER_WITHIN_MS });
  // A follower may not have a new ticket yet.
  const kv = await new Kvm(js).open(broker.names.tickets, { allow_direct: false });
  return {
    async put(key, value) {
      await kv.create(key, JSON.stringify(value));
    },
    async take(key) {
      const entry = await kv.get(key);
      if (entry?.operation !== 'PUT') return undefined;
      try {
        // Of two that have read it, one deletes this revision.
        await kv.delete(key, { previousSeq: entry.revision });
        return JSON.parse(entry.string());
      } catch (err) {
        if (err instanceof JetStreamApiError && err.code === WRONG_LAST_SEQUENCE) return undefined;
        throw err;
      }
    },
  };
}
