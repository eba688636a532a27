import { contracts, type EventData, type EventType, eventTypes } from '@quartet/common/events/contracts.ts';
import { createEvent, readEvent } from '@quartet/common/events/envelope.ts';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { userOf } from './audience.ts';

const USER = 'a'.repeat(24);
const ITEM = 'b'.repeat(24);

/** The whole of what a user sees of themselves: a new field must be thought about here. */
const SEEN: Record<EventType, string[]> = {
  'user.created': ['email', 'is_active', 'is_superuser', 'origin', 'user_id'],
  'user.updated': [
    ...['changed', 'email', 'is_active', 'is_superuser', 'is_verified', 'previous_email'],
    ...['sessions_ended', 'user_id'],
  ],
  'user.logged-out': ['session_id', 'until', 'user_id'],
  'user.session-stolen': ['email', 'session_id', 'until', 'user_id'],
  'user.verification-requested': ['email', 'user_id'],
  'user.deleted': ['email', 'user_id'],
  'password.reset-requested': ['email', 'user_id'],
  'password.changed': ['by', 'email', 'user_id'],
  'password.guessing-detected': ['email', 'failures', 'user_id'],
  'item.created': ['item_id', 'owner_id'],
  'item.updated': ['changed', 'item_id', 'owner_id'],
  'item.deleted': ['item_id', 'owner_id'],
};

const examples = z.object({ examples: z.array(z.unknown()).min(1) });

function exampleOf(type: EventType): EventData<EventType> {
  const data = Object.entries(contracts[type].data.shape).map(([name, schema]) => {
    const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
    return [name, examples.parse(schema.meta() ?? inner.meta()).examples[0]];
  });
  const ids = { user_id: USER, owner_id: USER, item_id: ITEM };
  return contracts[type].data.parse({ ...Object.fromEntries(data), ...ids });
}

test.each(eventTypes)('given %s, then it is about its user, or about the owner of its item', (type) => {
  const event = createEvent(type, type.startsWith('item.') ? ITEM : USER, exampleOf(type), new Date());
  expect(userOf(readEvent(JSON.stringify(event)))).toBe(USER);
});

test.each(eventTypes)('given %s, then its user may see each of its fields', (type) => {
  expect(Object.keys(contracts[type].data.shape).toSorted()).toEqual(SEEN[type].toSorted());
});
