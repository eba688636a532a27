import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { updateIf } from '@quartet/common/database/conditional-update.ts';
import type { EventContext } from '@quartet/common/events/envelope.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import { type Collection, type Db, ObjectId } from 'mongodb';

type LinkRequest = {
  _id: ObjectId;
  /** A request that is processed twice becomes one event with this id. */
  event_id: string;
  email: string;
  asked_at: Date;
  traceparent?: string;
  /** Another process may take the request over from this time on. */
  due: Date;
};

/** Processing takes less time than this. */
const LEASE_MS = 5_000;
const SWEEP_EVERY_MS = 2_500;

/** A request is stored before its answer, which is the same work for any address. */
export type LinkRequests = {
  store(email: string, context: EventContext): Promise<() => Promise<void>>;
  /** Processes requests that a killed process left, until the signal aborts. */
  sweep(log: Log, signal: AbortSignal): Promise<void>;
};

/** A repeated call of `requestEvent` has the same `eventId`. */
export function openLinkRequests(
  db: Db,
  name: 'recovery_requests' | 'verification_requests',
  requestEvent: (email: string, context: EventContext, eventId: string) => Promise<void>,
): LinkRequests {
  const requests: Collection<LinkRequest> = db.collection(name);

  async function process({ _id, event_id, email, asked_at, traceparent }: LinkRequest): Promise<void> {
    await requestEvent(email, { now: asked_at, traceparent }, event_id);
    await requests.deleteOne({ _id });
  }

  async function sweepOnce(log: Log): Promise<void> {
    for (;;) {
      const now = Date.now();
      const request = await requests.findOne({ due: { $lte: new Date(now) } });
      if (!request) return;
      const { _id, due } = request;
      // Another process may have taken it meanwhile.
      if (!(await updateIf(requests, _id, { due }, { set: { due: new Date(now + LEASE_MS) } }))) continue;
      // One that fails does not hold up the others; it comes again after its lease.
      await process(request).catch((err: unknown) => log.warn({ err }, 'requests for links wait'));
    }
  }

  return {
    async store(email, { now, traceparent }) {
      const request: LinkRequest = {
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
        await sweepOnce(log).catch((err: unknown) => log.warn({ err }, 'requests for links wait'));
        await delay(SWEEP_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    },
  };
}
