import { setTimeout as delay } from 'node:timers/promises';
import { type Collection, ObjectId } from 'mongodb';
import type { Item } from '../../services/items/src/item-store.ts';
import { itemUpdated } from '../../services/items/src/items.ts';

const EVENTS_A_DOCUMENT = 10;
const PAGE = 500;
const LOOK_EVERY_MS = 1_000;

export type Backlog = {
  /** The documents exist before the events, so that the collection always has the same size. */
  prepare(): Promise<void>;
  fill(): Promise<void>;
  /** Resolves when every event of `fill` is published, and calls `look` each second until then. */
  untilDrained(filledAt: Date, look: () => void): Promise<void>;
};

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
