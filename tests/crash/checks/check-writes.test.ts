import { describe, expect, test } from 'vitest';
import type { Observed } from '../observing/observed.ts';
import { checkUnexplained } from './check-unexplained.ts';
import { checkWrites as checkAll } from './check-writes.ts';
import { fingerprint } from './fingerprint.ts';
import type { Change, Tracked } from './model.ts';
import {
  ada,
  created,
  eventOf,
  ITEM,
  itemCreated,
  itemDeleted,
  itemDocument,
  itemOf,
  itemUpdated,
  seen,
  USER,
  userDocument,
} from './test-worlds.ts';

const checkWrites = (tracked: readonly Tracked[], observed: Observed) => checkAll(tracked, observed).faults;

const users = new Map([[USER, userDocument]]);
const items = new Map([[ITEM, itemDocument]]);
const observedEvents = (...events: (typeof itemCreated)[]) =>
  new Map([
    [USER, [created]],
    [ITEM, events],
  ]);
const update: Change = {
  what: 'item update',
  after: { title: 'item', description: 'b', owner_id: USER },
  fingerprints: [fingerprint(itemUpdated.type, itemUpdated.data)],
};
const changedItems = new Map([[ITEM, { ...itemDocument, description: 'b' }]]);

describe('answered writes', () => {
  test('given document and events are there, then there is no fault', () => {
    const user = ada();
    const observed = seen({ users, items, events: observedEvents(itemCreated) });
    expect(checkWrites([user, itemOf(user)], observed)).toEqual([]);
    expect(checkUnexplained([user, itemOf(user)], observed, 'admin@example.com')).toEqual([]);
  });

  test('given a missing event, then the fault names its id', () => {
    expect(checkWrites([ada()], seen({ users }))).toEqual([
      {
        kind: 'event-missing',
        about: `users ${USER} (ada@example.com)`,
        detail: 'user.created email=ada@example.com is_active=true is_superuser=false origin=signup',
      },
    ]);
  });

  test('given a missing or different document, then it is wrong', () => {
    const events = new Map([[USER, [created]]]);
    expect(checkWrites([ada()], seen({ events }))).toMatchObject([{ kind: 'document' }]);
    const renamed = new Map([[USER, { ...userDocument, full_name: 'Eve' }]]);
    expect(checkWrites([ada()], seen({ users: renamed, events }))).toMatchObject([
      { kind: 'document', detail: 'full_name is Eve, answered was Ada' },
    ]);
  });

  test('given the event of a change twice, or in another order, then that is a fault', () => {
    const user = ada();
    const item = { ...itemOf(user), answered: [...itemOf(user).answered, update] };
    const check = (...events: (typeof itemCreated)[]) =>
      checkWrites([user, item], seen({ users, items: changedItems, events: observedEvents(...events) }));
    expect(check(itemCreated, itemUpdated)).toEqual([]);
    expect(check(itemCreated, itemUpdated, itemUpdated)).toMatchObject([{ kind: 'effect-doubled' }]);
    expect(check(itemUpdated, itemCreated)).toMatchObject([{ kind: 'order' }]);
  });

  test('given the end of a session before an earlier change of its user, then that is no fault, and a missing one is', () => {
    const data = { ...created.data, changed: ['full_name'] };
    const renamed = { ...created, id: 'renamed', type: 'user.updated' as const, data };
    const out = {
      ...created,
      id: 'out',
      type: 'user.logged-out' as const,
      data: { session_id: 's', until: 1 },
    };
    const user = ada();
    const print = ({ type, data: said }: typeof renamed | typeof out) => fingerprint(type, said);
    const answered = [renamed, out].map((event) => ({
      ...{ what: event.type, after: user.answered.at(-1)?.after ?? null, fingerprints: [print(event)] },
    }));
    const both = { ...user, answered: [...user.answered, ...answered] };
    const check = (...events: unknown[]) =>
      checkWrites([both], seen({ users, events: new Map([[USER, events as (typeof created)[]]]) }));
    expect(check(created, out, renamed)).toEqual([]);
    expect(check(created, renamed)).toMatchObject([{ kind: 'event-missing' }]);
    expect(check(renamed, created, out)).toMatchObject([{ kind: 'order' }]);
  });
});

describe('a write whose answer was lost', () => {
  const user = ada();
  const item = { ...itemOf(user), lost: update };
  const check = (documents: typeof items, ...events: (typeof itemCreated)[]) =>
    checkWrites([user, item], seen({ users, items: documents, events: observedEvents(...events) }));

  test('then it may have happened or not', () => {
    expect(check(items, itemCreated)).toEqual([]);
    expect(check(changedItems, itemCreated, itemUpdated)).toEqual([]);
  });

  test('then it must have happened completely or not at all', () => {
    expect(check(changedItems, itemCreated)).toHaveLength(1);
    expect(check(items, itemCreated, itemUpdated)).toHaveLength(1);
  });

  test('given it was a creation, then the document is found by its key', () => {
    const lost = { ...ada(), id: undefined, answered: [], lost: ada().answered[0] };
    expect(checkWrites([lost], seen({}))).toEqual([]);
    const events = new Map([[USER, [created]]]);
    expect(checkWrites([lost], seen({ users, events }))).toEqual([]);
    expect(checkWrites([lost], seen({ users }))).toMatchObject([{ kind: 'event-missing' }]);
    const unexplained = checkUnexplained([lost], seen({ events }), 'admin@example.com');
    expect(unexplained).toMatchObject([{ about: `events of ${USER}` }]);
  });
});

describe('the items of a deleted user', () => {
  const userDeleted = eventOf('user.deleted', USER, { user_id: USER, email: 'ada@example.com' });
  const deletion = {
    what: 'deletion',
    after: null,
    fingerprints: [fingerprint(userDeleted.type, userDeleted.data)],
  };
  const user = { ...ada(), answered: [...ada().answered, deletion] };
  const gone = (...events: (typeof itemCreated)[]) =>
    new Map([
      [USER, [created, userDeleted]],
      [ITEM, events],
    ]);

  test('then they are deleted too, each with its event', () => {
    const tracked = [user, itemOf(user)];
    expect(checkWrites(tracked, seen({ events: gone(itemCreated, itemDeleted) }))).toEqual([]);
    expect(checkWrites(tracked, seen({ events: gone(itemCreated) }))).toMatchObject([
      { kind: 'event-missing' },
    ]);
    expect(checkWrites(tracked, seen({ items, events: gone(itemCreated) }))).toMatchObject([
      { kind: 'effect-missing' },
      { kind: 'event-missing' },
    ]);
  });

  test('given the creation was not answered, then only its events may exist', () => {
    const lost = { ...itemOf(user), id: undefined, answered: [], lost: itemOf(user).answered[0] };
    const observed = seen({ events: gone(itemCreated, itemDeleted) });
    expect(checkUnexplained([user, lost], observed, 'admin@example.com')).toEqual([]);
    expect(checkUnexplained([user], observed, 'admin@example.com')).toMatchObject([
      { kind: 'effect-doubled' },
    ]);
    const orphan = seen({ items, events: gone(itemCreated) });
    expect(checkWrites([user, lost], orphan)).toMatchObject([
      { kind: 'effect-missing' },
      { kind: 'event-missing' },
    ]);
  });

  test('given the broker lost the event before items had handled it, then they may remain, and are counted', () => {
    const tracked = [user, itemOf(user)];
    const unhandledBy = (consumer: string) => new Map([[consumer, new Set([userDeleted.id])]]);
    const left = { items, events: gone(itemCreated) };
    const check = (parts: Partial<Observed>) => checkAll(tracked, seen({ ...left, ...parts }));
    expect(check({ unhandled: unhandledBy('items') })).toEqual({ faults: [], left: [ITEM] });
    expect(check({ unhandled: unhandledBy('notifier') }).faults).toHaveLength(2);
    // The item has changed, which no loss explains.
    const other = { items: changedItems, unhandled: unhandledBy('items') };
    expect(check(other).faults).toHaveLength(2);
    const done = {
      items: new Map(),
      events: gone(itemCreated, itemDeleted),
      unhandled: unhandledBy('items'),
    };
    expect(check(done)).toEqual({ faults: [], left: [] });
  });
});
