import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from 'mongodb';

const LOOK_EVERY_MS = 20;
const SETTLED_WITHIN_MS = 60_000;

/** Waits until every event is published, because that work is a part of a write's cost. */
export async function untilSettled(db: Db, signal: AbortSignal): Promise<void> {
  const waiting = { 'outbox.time': { $gt: '', $lt: '~' } };
  const giveUpAt = performance.now() + SETTLED_WITHIN_MS;
  for (const name of ['items', 'users']) {
    while (await db.collection(name).findOne(waiting, { projection: { _id: 1 } })) {
      if (performance.now() > giveUpAt) throw new Error(`events of ${name} are still waiting`);
      await delay(LOOK_EVERY_MS, undefined, { signal });
    }
  }
}
