import type { EventHandler } from '@quartet/common/events/consumer/event-handler.ts';
import type { Relay } from '@quartet/common/events/outbox/relay.ts';
import type { Item, ItemStore } from '../item-store.ts';
import { itemDeleted } from '../items.ts';

const BATCH = 500;

/** Until `settleMs` a request with the user's token may make an item, so this deletes twice. */
export function onUserDeleted(
  store: ItemStore,
  relay: Relay<Item>,
  settleMs: number,
): EventHandler<'user.deleted'> {
  return async (event, { publishedAt, traceparent, log }) => {
    const ageMs = Date.now() - publishedAt.getTime();
    let removed = 0;
    for (;;) {
      const items = await store.someOf(event.data.user_id, BATCH);
      if (items.length === 0) break;
      const now = new Date();
      const deletions = items.map((item) => ({
        read: item,
        event: itemDeleted(item, { now, traceparent }),
      }));
      const tombstones = await store.softDeleteMany(deletions, now);
      await Promise.all(tombstones.map((tombstone) => relay.publish(tombstone)));
      removed += tombstones.length;
    }
    if (removed > 0) log.info({ removed }, "deleted user's items removed");
    return ageMs < settleMs ? { afterMs: settleMs - ageMs } : undefined;
  };
}
