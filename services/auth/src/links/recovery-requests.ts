import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventContext } from '@quartet/common/events/envelope.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import { type Collection, type Db, ObjectId } from 'mongodb';

/** Somebody wants a link for an address, which nobody may have. */
type RecoveryRequest = {
  _id: ObjectId;
  /** Of the event that it becomes, so that a wish that is looked into twice becomes one. */
  event_id: string;
  email: string;
  asked_at: Date;
  traceparent?: string;
  /** From then on any process may take it up: the one that has it seems to be gone. */
  due: Date;
};

/** Longer than a wish takes. */
const GIVEN_UP_AFTER_MS = 5_000;
const SWEEP_EVERY_MS = 2_500;

/** Wishes for links: kept before they are answered, which is the same work for any address; looked into afterwards. */
export type RecoveryRequests = {
  /** @returns what looks into it */
  keep(email: string, context: EventContext): Promise<() => Promise<void>>;
  /** Looks into those that a process left behind that was killed, until the signal aborts. */
  sweep(log: Log, signal: AbortSignal): Promise<void>;
};

/** @param ask does what is to be done for an active user's address; it may be asked again with the same `eventId` */
export function openRecoveryRequests(
  db: Db,
  ask: (email: string, context: EventContext, eventId: string) => Promise<void>,
): RecoveryRequests {
  const wishes: Collection<RecoveryRequest> = db.collection('recovery_requests');

  async function lookInto({ _id, event_id, email, asked_at, traceparent }: RecoveryRequest): Promise<void> {
    await ask(email, { now: asked_at, traceparent }, event_id);
    await wishes.deleteOne({ _id });
  }

  async function sweepOnce(): Promise<void> {
    for (;;) {
      const now = Date.now();
      const mine = { $set: { due: new Date(now + GIVEN_UP_AFTER_MS) } };
      const wish = await wishes.findOneAndUpdate({ due: { $lte: new Date(now) } }, mine);
      if (!wish) return;
      await lookInto(wish);
    }
  }

  return {
    async keep(email, { now, traceparent }) {
      const due = new Date(now.getTime() + GIVEN_UP_AFTER_MS);
      const wish: RecoveryRequest = {
        _id: new ObjectId(),
        event_id: randomUUID(),
        email,
        asked_at: now,
        due,
        ...(traceparent ? { traceparent } : {}),
      };
      await wishes.insertOne(wish);
      return () => lookInto(wish);
    },
    async sweep(log, signal) {
      while (!signal.aborted) {
        await sweepOnce().catch((err: unknown) => log.warn({ err }, 'wishes for links wait'));
        await delay(SWEEP_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    },
  };
}
