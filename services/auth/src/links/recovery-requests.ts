import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventContext } from '@quartet/common/events/envelope.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import { type Collection, type Db, ObjectId } from 'mongodb';

/** A request for a recovery link to an address, which nobody may have. */
type RecoveryRequest = {
  _id: ObjectId;
  /** Of the event that it becomes, so that a request that is processed twice becomes one. */
  event_id: string;
  email: string;
  asked_at: Date;
  traceparent?: string;
  /** From then on any process may take it over: the one that has it seems to be gone. */
  due: Date;
};

/** Longer than processing takes. */
const LEASE_MS = 5_000;
const SWEEP_EVERY_MS = 2_500;

/** Requests are stored before they are answered, which is the same work for any address, and processed afterwards. */
export type RecoveryRequests = {
  /** @returns a function that processes the request */
  store(email: string, context: EventContext): Promise<() => Promise<void>>;
  /** Processes requests that a killed process left behind, until the signal aborts. */
  sweep(log: Log, signal: AbortSignal): Promise<void>;
};

/** @param requestReset publishes the event for an active user's address; a repeated call has the same `eventId` */
export function openRecoveryRequests(
  db: Db,
  requestReset: (email: string, context: EventContext, eventId: string) => Promise<void>,
): RecoveryRequests {
  const requests: Collection<RecoveryRequest> = db.collection('recovery_requests');

  async function process({ _id, event_id, email, asked_at, traceparent }: RecoveryRequest): Promise<void> {
    await requestReset(email, { now: asked_at, traceparent }, event_id);
    await requests.deleteOne({ _id });
  }

  async function sweepOnce(): Promise<void> {
    for (;;) {
      const now = Date.now();
      const lease = { $set: { due: new Date(now + LEASE_MS) } };
      const request = await requests.findOneAndUpdate({ due: { $lte: new Date(now) } }, lease);
      if (!request) return;
      await process(request);
    }
  }

  return {
    async store(email, { now, traceparent }) {
      const request: RecoveryRequest = {
        _id: new ObjectId(),
        event_id: randomUUID(),
        email,
        asked_at: now,
        due: new Date(now.getTime() + LEASE_MS),
        ...(traceparent ? { traceparent } : {}),
      };
      await requests.insertOne(request);
      return () => process(request);
    },
    async sweep(log, signal) {
      while (!signal.aborted) {
        await sweepOnce().catch((err: unknown) => log.warn({ err }, 'recovery requests wait'));
        await delay(SWEEP_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    },
  };
}
