import type { EventData, EventType } from '@quartet/common/events/contracts.ts';
import { createEvent, type EventContext } from '@quartet/common/events/envelope.ts';
import { type OutboxEntry, toOutbox } from '@quartet/common/events/outbox/outbox.ts';
import { ObjectId } from 'mongodb';
import type * as z from 'zod';
import type { Item, ItemFields } from './item-store.ts';
import { wordsOf } from './item-words.ts';
import type { itemCreate, itemUpdate } from './schemas.ts';

export type ItemPatch = Partial<z.output<typeof itemUpdate>>;

export function createItem(
  _id: ObjectId,
  ownerId: string,
  fields: z.output<typeof itemCreate>,
  context: EventContext,
): Item {
  const item = { _id, owner_id: new ObjectId(ownerId), ...fields };
  return {
    ...item,
    words: wordsOf(fields),
    created_at: context.now,
    updated_at: context.now,
    revision: 0,
    outbox: [itemEvent('item.created', item, {}, context)],
  };
}

export function changedFields(item: Item, patch: ItemPatch): Partial<ItemFields> {
  const entries = Object.entries(patch).filter(
    ([name, value]) => value !== undefined && value !== item[name as keyof ItemPatch],
  );
  return Object.fromEntries(entries);
}

export const itemUpdated = (item: Item, changed: string[], context: EventContext): OutboxEntry =>
  itemEvent('item.updated', item, { changed }, context);

export const itemDeleted = (item: Pick<Item, '_id' | 'owner_id'>, context: EventContext): OutboxEntry =>
  itemEvent('item.deleted', item, {}, context);

type ItemEvent = 'item.created' | 'item.updated' | 'item.deleted';

function itemEvent<T extends ItemEvent & EventType>(
  type: T,
  item: Pick<Item, '_id' | 'owner_id'>,
  more: Omit<EventData<T>, 'item_id' | 'owner_id'>,
  context: EventContext,
): OutboxEntry {
  const itemId = item._id.toHexString();
  const data = { item_id: itemId, owner_id: item.owner_id.toHexString(), ...more } as EventData<T>;
  return toOutbox(createEvent(type, itemId, data, context.now), context);
}
