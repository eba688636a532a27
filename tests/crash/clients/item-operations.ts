import { fingerprint } from '../checks/fingerprint.ts';
import type { Tracked } from '../checks/model.ts';
import { type Member, stateOf, type World, write } from './world.ts';

/** With `isOwnerLeaving`, the creation may be refused. */
export function createItem(world: World, member: Member, isOwnerLeaving = false): Promise<boolean> {
  const title = world.fresh('item');
  const owner_id = member.tracked.id;
  const item: Tracked = {
    collection: 'items',
    key: { field: 'title', value: title },
    id: undefined,
    owner: member.tracked,
    answered: [],
    lost: undefined,
  };
  world.model.tracked.push(item);
  member.items.push(item);
  const body = { title, description: world.fresh('text') };
  const change = {
    what: 'item',
    after: { ...body, owner_id },
    fingerprints: [fingerprint('item.created', { owner_id })],
  };
  return write(world, item, change, ['POST', '/items/'], { holder: member, body }, isOwnerLeaving);
}

/** The title stays, because it is the item's key. */
export function updateItem(world: World, member: Member, item: Tracked): Promise<boolean> {
  const body = { description: world.fresh('text') };
  const after = { ...stateOf(item), ...body };
  const fingerprints = [fingerprint('item.updated', { ...after, changed: ['description'] })];
  const change = { what: 'item update', after, fingerprints };
  return write(world, item, change, ['PATCH', `/items/${item.id}`], { holder: member, body });
}

export function deleteItem(world: World, member: Member, item: Tracked): Promise<boolean> {
  const change = {
    what: 'item deletion',
    after: null,
    fingerprints: [fingerprint('item.deleted', stateOf(item))],
  };
  return write(world, item, change, ['DELETE', `/items/${item.id}`], { holder: member });
}
