import { createKeyedQueue } from '@quartet/common/concurrency/keyed-queue.ts';
import { timeOrderedId } from '@quartet/common/database/time-ordered-id.ts';
import { forbidden, notFound } from '@quartet/common/errors.ts';
import { refuseFullOutbox } from '@quartet/common/events/outbox/outbox.ts';
import type { Relay } from '@quartet/common/events/outbox/relay.ts';
import { retryLostRaces } from '@quartet/common/events/outbox/revised-writes.ts';
import { ID } from '@quartet/common/http/input/fields.ts';
import { message } from '@quartet/common/http/routes/answers.ts';
import { Revised, type Route, type RouteRequest, route } from '@quartet/common/http/routes/route.ts';
import { invalidCursor } from '@quartet/common/lists/cursors.ts';
import type { Caller } from '@quartet/common/tokens/caller.ts';
import type { Item, ItemStore } from '../item-store.ts';
import { changedFields, createItem, itemDeleted, itemUpdated } from '../items.ts';
import { itemCreate, itemPublic, itemQuery, itemsPublic, itemUpdate, toItemPublic } from '../schemas.ts';

export const itemTags = [
  { name: 'items', description: 'The sample resource. Users see and change their own, superusers all.' },
];

const id = {
  description: "The item's id",
  example: '65f1c0ffee15600d5eed0a01',
  maxLength: 24,
  format: { pattern: ID, detail: 'Invalid item ID format' },
};
const unknown = () => notFound('Item not found');
const notPermitted = () => forbidden('Not enough permissions');
const deleted = { message: 'Item deleted successfully' };
const MOST_WRITES_OF_ONE = 100;

const answerOf = (item: Item) => new Revised(toItemPublic(item), item.revision);

type ItemRequest = Pick<RouteRequest<'user', 'id', unknown, unknown>, 'caller' | 'params' | 'checkRevision'>;

export function itemRoutes({ store, relay }: { store: ItemStore; relay: Relay<Item> }): Route[] {
  /** @throws {AppError} 404 when there is no such item, 403 when the caller may not see it */
  const findFor = async (caller: Caller, itemId: string): Promise<Item> => {
    const item = await store.findById(itemId);
    if (!item) throw unknown();
    const isOwner = item.owner_id.toHexString() === caller.userId;
    if (!isOwner && !caller.isSuperuser) throw notPermitted();
    return item;
  };

  const queue = createKeyedQueue(MOST_WRITES_OF_ONE);

  /** `write` runs again when it returns null, since another replica's write came first: it may have a revision that the caller does not want. */
  const writeFor = <T>(
    { caller, params, checkRevision }: ItemRequest,
    write: (item: Item) => Promise<T | null>,
  ): Promise<T> =>
    queue(params.id, () =>
      retryLostRaces(async () => {
        const item = await findFor(caller, params.id);
        checkRevision(item.revision);
        return write(item);
      }),
    );

  const update = (method: 'PUT' | 'PATCH', operationId: string): Route =>
    route({
      method,
      path: '/items/{id}',
      access: 'user',
      operationId,
      summary: 'Update an item',
      description:
        'Sets the fields that are sent. A field left out stays; so does a `title` of null. A `description` of null is cleared.',
      params: { id },
      body: itemUpdate,
      answer: { schema: itemPublic, revised: true },
      conditional: true,
      refusals: [unknown, notPermitted],
      async handler(request) {
        const { body, traceparent } = request;
        return writeFor(request, async (item) => {
          const set = changedFields(item, body);
          const changed = Object.keys(set);
          if (changed.length === 0) return answerOf(item);
          refuseFullOutbox(item);
          const context = { now: new Date(), traceparent };
          const updated = await store.update(item, set, itemUpdated(item, changed, context), context.now);
          if (!updated) return null;
          void relay.publish(updated);
          return answerOf(updated);
        });
      },
    });

  return [
    route({
      method: 'GET',
      path: '/items/',
      access: 'user',
      operationId: 'items-read_items',
      summary: 'List items',
      description:
        "One's own items, or everybody's for a superuser; newest first unless `sort` says otherwise. `next_cursor` continues the list: through " +
        'all pages, nothing comes twice, and nothing is left out that was there all the time, whatever is written meanwhile.',
      query: itemQuery,
      answer: { schema: itemsPublic },
      refusals: [invalidCursor],
      async handler({ caller, query }) {
        const { owner_id } = query;
        const scope = [caller.userId, caller.isSuperuser, owner_id];
        // A filter can only take away from what the caller may see.
        if (!caller.isSuperuser && owner_id !== undefined && owner_id !== caller.userId) {
          return { data: [], count: 0, next_cursor: null };
        }
        const ownerId = caller.isSuperuser ? owner_id : caller.userId;
        const { data, ...rest } = await store.list(ownerId, { query, scope });
        return { data: data.map(toItemPublic), ...rest };
      },
    }),
    route({
      method: 'POST',
      path: '/items/',
      access: 'user',
      operationId: 'items-create_item',
      summary: 'Create an item',
      description: 'The item belongs to the caller.',
      body: itemCreate,
      answer: { schema: itemPublic, revised: true },
      async handler({ caller, body, traceparent }) {
        const now = new Date();
        const item = createItem(timeOrderedId(now), caller.userId, body, { now, traceparent });
        await store.insert(item);
        void relay.publish(item);
        return answerOf(item);
      },
    }),
    route({
      method: 'GET',
      path: '/items/{id}',
      access: 'user',
      operationId: 'items-read_item',
      summary: 'Get an item',
      description: "One's own item, or anybody's for a superuser.",
      params: { id },
      answer: { schema: itemPublic, revised: true },
      conditional: true,
      refusals: [unknown, notPermitted],
      async handler({ caller, params }) {
        return answerOf(await findFor(caller, params.id));
      },
    }),
    update('PUT', 'items-update_item'),
    update('PATCH', 'items-patch_item'),
    route({
      method: 'DELETE',
      path: '/items/{id}',
      access: 'user',
      operationId: 'items-delete_item',
      summary: 'Delete an item',
      description: 'For good; there is no way back.',
      params: { id },
      answer: { schema: message, example: deleted },
      conditional: true,
      refusals: [unknown, notPermitted],
      async handler(request) {
        return writeFor(request, async (item) => {
          refuseFullOutbox(item, { isUrgent: true });
          const context = { now: new Date(), traceparent: request.traceparent };
          const tombstone = await store.softDelete(item, itemDeleted(item, context), context.now);
          if (!tombstone) return null;
          void relay.publish(tombstone);
          return deleted;
        });
      },
    }),
  ];
}
