import { setTimeout as delay } from 'node:timers/promises';
import { type Collection, ObjectId } from 'mongodb';
import type { Item } from '../../services/items/src/item-store.ts';
import { itemUpdated } from '../../services/items/src/items.ts';

const EVENTS_A_DOCUMENT = 10;
const PAGE = 500;
const LOOK_EVERY_MS = 1_000;

/** Events that wait in the documents of items. */
export type Backlog = {
  /** Makes the documents, without events yet, so that the collection is as large before as it is after. */
  prepare(): Promise<void>;
  /** Puts all events into the outboxes. */
  fill(): Promise<void>;
  /**
   * Resolves when what was filled in before has gone out.
   * @param look called every second until then
   */
  untilDrained(filledAt: Date, look: () => void): Promise<void>;
};

/** @param signal ends what is under way */
export function createBacklog(items: Collection<Item>, events: number, signal: AbortSignal): Backlog {
  const documents = Math.ceil(events / EVENTS_A_DOCUMENT);
  return {
    async prepare() {
      const at = new Date();
      for (let made = 0; made < documents; made += PAGE) {
        signal.throwIfAborted();
        const page = Array.from({ length: Math.min(PAGE, documents - made) }, () => ({
          ...{ _id: new ObjectId(), owner_id: new ObjectId(), title: 'x', description: null },
          ...{ created_at: at, updated_at: at, outbox: [] },
        }));
        await items.insertMany(page);
      }
    },
    async fill() {
      const all = await items.find({}, { limit: documents }).toArray();
      for (let done = 0; done < all.length; done += PAGE) {
        signal.throwIfAborted();
        const context = { now: new Date() };
        const updates = all.slice(done, done + PAGE).map((item) => {
          const outbox = Array.from({ length: EVENTS_A_DOCUMENT }, () =>
            itemUpdated(item, ['title'], context),
          );
          return { updateOne: { filter: { _id: item._id }, update: { $set: { outbox } } } };
        });
        await items.bulkWrite(updates, { ordered: false });
      }
    },
    async untilDrained(filledAt, look) {
      const waiting = { 'outbox.time': { $gt: '', $lt: filledAt.toISOString() } };
      while (await items.findOne(waiting)) {
        look();
        await delay(LOOK_EVERY_MS, undefined, { signal });
      }
    },
  };
}
