import { randomBytes } from 'node:crypto';
import type { EventData, EventType } from '@quartet/common/events/contracts.ts';
import { createEvent } from '@quartet/common/events/envelope.ts';
import type { Testbed } from './testbed.ts';

/** Publishes an event as its producer does; resolves to its place in the stream. */
export async function publishEvent<T extends EventType>(
  { broker }: Testbed,
  type: T,
  subject: string,
  data: EventData<T>,
): Promise<number> {
  const event = createEvent(type, subject, data, new Date());
  const { seq } = await broker.js.publish(broker.names.event(type), JSON.stringify(event), {
    msgID: event.id,
  });
  return seq;
}

/** Publishes `item.created` of a new id. */
export async function publishItem(bed: Testbed, owner_id: string): Promise<{ itemId: string; seq: number }> {
  const itemId = randomBytes(12).toString('hex');
  const seq = await publishEvent(bed, 'item.created', itemId, { item_id: itemId, owner_id });
  return { itemId, seq };
}

/** Publishes that many, one after the other in the stream. */
export async function publishItems(bed: Testbed, ownerId: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let made = 0; made < count; made += 1) ids.push((await publishItem(bed, ownerId)).itemId);
  return ids;
}
