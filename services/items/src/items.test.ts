import { contracts } from '@quartet/common/events/contracts.ts';
import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { changedFields, createItem, itemDeleted, itemUpdated } from './items.ts';
import { itemUpdate } from './schemas.ts';

const ID = new ObjectId('650000000000000000000001');
const OWNER = '650000000000000000000002';
const NOW = new Date('2026-11-23T09:30:00.000Z');
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const context = { now: NOW, traceparent: TRACEPARENT };

const given = (fields: { title?: string; description?: string | null } = {}) =>
  createItem(ID, OWNER, { title: 'Old', description: null, ...fields }, context);

describe('a new item', () => {
  test('given its fields and owner, then created_at and updated_at are equal', () => {
    expect(given({ title: 'Bike', description: 'red' })).toMatchObject({
      _id: ID,
      owner_id: new ObjectId(OWNER),
      title: 'Bike',
      description: 'red',
      created_at: NOW,
      updated_at: NOW,
    });
  });

  test('given a trace, then its outbox has one event, which continues the trace', () => {
    expect(given().outbox).toEqual([
      expect.objectContaining({
        type: 'item.created',
        subject: ID.toHexString(),
        time: NOW.toISOString(),
        data: { item_id: ID.toHexString(), owner_id: OWNER },
        traceparent: TRACEPARENT,
      }),
    ]);
  });

  test('given no trace, then its event has none', () => {
    const { outbox } = createItem(ID, OWNER, { title: 'Bike', description: null }, { now: NOW });
    expect(outbox[0]).not.toHaveProperty('traceparent');
  });
});

describe('the changed fields of an update', () => {
  test.each([
    ['another title', { title: 'New' }, { title: 'New' }],
    ['the same title', { title: 'Old' }, {}],
    ['the same title and a new description', { title: 'Old', description: 'x' }, { description: 'x' }],
    ['a description that stays empty', { description: null }, {}],
    ['an empty text where there was none', { description: '' }, { description: '' }],
    ['fields that are left out', { title: undefined, description: undefined }, {}],
    ['nothing', {}, {}],
  ])('given %s, then those that have another value', (_what, patch, changed) => {
    expect(changedFields(given(), patch)).toEqual(changed);
  });

  test('given null for an existing description, then it is removed', () => {
    expect(changedFields(given({ description: 'red' }), { description: null })).toEqual({
      description: null,
    });
  });
});

describe('the events of an item', () => {
  test('given an update, then the event names the changed fields and not their values', () => {
    const event = itemUpdated(given({ title: 'secret plan' }), ['title'], context);
    expect(event).toMatchObject({
      type: 'item.updated',
      data: { item_id: ID.toHexString(), owner_id: OWNER, changed: ['title'] },
    });
    expect(JSON.stringify(event)).not.toContain('secret plan');
  });

  test('given the fields that an update may have, then the contract says of each that it may be named', () => {
    const { description = '' } = contracts['item.updated'].data.shape.changed.meta() ?? {};
    const [, named = ''] = / out of (.+)\.$/.exec(description) ?? [];
    expect(named.split(', ').toSorted()).toEqual(Object.keys(itemUpdate.shape).toSorted());
  });

  test('given a deletion, then the event names the item and its owner', () => {
    expect(itemDeleted(given(), context)).toMatchObject({
      type: 'item.deleted',
      subject: ID.toHexString(),
      data: { item_id: ID.toHexString(), owner_id: OWNER },
    });
  });

  test('given two events of one item, then their ids differ', () => {
    expect(itemDeleted(given(), context).id).not.toBe(itemDeleted(given(), context).id);
  });
});
