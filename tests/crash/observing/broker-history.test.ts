import { expect, test } from 'vitest';
import { created, itemCreated, itemDeleted, itemUpdated } from '../checks/test-worlds.ts';
import { readPast } from './broker-history.ts';
import { type Kept, nothingKept } from './kept.ts';

type Event = typeof created | typeof itemCreated;

/** Each consumer has handled so many of the first events. */
const kept = (events: Event[], handled = 0): Kept => ({
  ...nothingKept,
  events: events.map((event, at) => ({ place: at + 1, text: JSON.stringify(event) })),
  handledTo: new Map([
    ['items', handled],
    ['notifier', handled],
  ]),
});
const idsOf = (events: Event[]) => new Set(events.map(({ id }) => id));

test('given nothing was lost, then nothing is excused, and copies are counted', () => {
  const past = readPast([], kept([created, itemCreated, itemCreated]));
  expect(past.copies).toBe(1);
  expect([...past.events.values()].map((events) => events.length)).toEqual([1, 1]);
  expect([...past.unhandled.values()]).toEqual([new Set(), new Set()]);
});

test('given a stream was lost, then its events are known, and unhandled ones need not be handled', () => {
  const past = readPast([kept([created, itemCreated, itemUpdated], 1)], kept([itemDeleted]));
  expect(past.events.get(itemCreated.subject)?.map(({ type }) => type)).toEqual([
    'item.created',
    'item.updated',
    'item.deleted',
  ]);
  expect(past.unhandled.get('notifier')).toEqual(idsOf([itemCreated, itemUpdated]));
});

test('given an event was published again after the loss, then it must be handled there, and is no copy', () => {
  const past = readPast([kept([created, itemCreated])], kept([itemCreated]));
  expect(past.unhandled.get('items')).toEqual(idsOf([created]));
  expect(past.copies).toBe(0);
  const lostAgain = readPast([kept([created]), kept([created], 1)], nothingKept);
  expect(lostAgain.unhandled.get('items')).toEqual(new Set());
});

test('given losses, then dead letters and memories of revocations from before are kept', () => {
  const memory = { madeAtMs: 1, sinceMs: 2 };
  const past = readPast([{ ...nothingKept, deadLetters: ['a'], revocations: memory }], {
    ...nothingKept,
    deadLetters: ['a', 'b'],
  });
  expect(past).toMatchObject({ deadLetters: ['a', 'b'], memories: [memory] });
});
