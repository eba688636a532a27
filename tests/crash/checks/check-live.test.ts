import { expect, test } from 'vitest';
import { newRecord, take } from '../observing/live-readers.ts';
import { checkLive } from './check-live.ts';
import { created, itemCreated, itemUpdated } from './test-worlds.ts';

const events = [created, itemCreated, itemUpdated].map((event, at) => ({
  place: at + 1,
  text: JSON.stringify(event),
}));
const idAt = (place: number) => [created, itemCreated, itemUpdated][place - 1]?.id ?? expect.fail();

function recordOf(after: number, places: readonly number[]) {
  const record = newRecord(after);
  for (const place of places) take(record, place, idAt(place));
  return record;
}

test('given readers who have received everything after their beginning once, then there is no fault', () => {
  expect(checkLive([recordOf(0, [1, 2, 3]), recordOf(1, [2, 3]), recordOf(3, [])], events)).toEqual([]);
});

test('given an event that a reader has not received, then it is missing', () => {
  expect(checkLive([recordOf(0, [1, 3])], events)).toEqual([
    { kind: 'live-missing', about: 'reader 0', detail: `item.created ${itemCreated.id} at 2` },
  ]);
});

test('given another event at its place, then it is missing', () => {
  const record = recordOf(1, [3]);
  record.seen.set(2, created.id);
  expect(checkLive([record], events)).toMatchObject([{ kind: 'live-missing' }]);
});

test('given an event that came again or late, then it is doubled', () => {
  expect(checkLive([recordOf(0, [1, 2, 2, 3])], events)).toEqual([
    { kind: 'live-doubled', about: 'reader 0', detail: `${itemCreated.id} at 2, after 2` },
  ]);
  expect(checkLive([recordOf(0, [1, 3, 2])], events)).toMatchObject([{ kind: 'live-doubled' }]);
});
