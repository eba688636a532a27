import { describe, expect, test } from 'vitest';
import { namesIn } from './broker/names.ts';
import { contracts, isEventType } from './contracts.ts';
import { createEvent, readEvent, UnknownEvent, UnreadableEvent } from './envelope.ts';
import { toOutbox } from './outbox/outbox.ts';

const now = new Date('2026-11-22T10:00:00Z');
const id = '0123456789abcdef01234567';
/** First words of subjects that are no events. */
const RESERVED = ['replay', 'dead-letter', 'request'];
const event = createEvent('user.deleted', id, { user_id: id, email: 'a@example.com' }, now);

test('given data, when an event is made, then it is a CloudEvents envelope with the version of the contract', () => {
  expect(event).toEqual({
    specversion: '1.0',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    source: '/quartet/auth',
    type: 'user.deleted',
    subject: id,
    time: '2026-11-22T10:00:00.000Z',
    datacontenttype: 'application/json',
    dataschema: 'urn:quartet:event:user.deleted:1',
    data: { user_id: id, email: 'a@example.com' },
  });
  expect(readEvent(JSON.stringify(event))).toEqual(event);
});

test('given data beyond the contract, when an event is made, then the event does not contain it', () => {
  const data = { user_id: id, email: 'a@example.com', password: 'hunter22' };
  expect(JSON.stringify(createEvent('user.deleted', id, data, now))).not.toContain('hunter22');
});

test('given data against the contract, when an event is made, then an error is thrown', () => {
  expect(() => createEvent('user.deleted', id, { user_id: 'short', email: 'a' }, now)).toThrow();
});

describe('reading', () => {
  test.each([
    ['not JSON', '{', 'not JSON'],
    ['null', 'null', 'no CloudEvents envelope'],
    ['another spec version', { ...event, specversion: '0.3' }, 'no CloudEvents envelope'],
    ['no id', { ...event, id: '' }, 'no CloudEvents envelope'],
    ['no time', { ...event, time: 'yesterday' }, 'no CloudEvents envelope'],
    ['no data', { ...event, data: undefined }, 'no CloudEvents envelope'],
    ['other data', { ...event, data: { user_id: id } }, 'against its contract'],
  ])(
    'given %s, when it is read, then the event is unreadable and the error names the reason',
    (_name, message, reason) => {
      const text = typeof message === 'string' ? message : JSON.stringify(message);
      expect(() => readEvent(text)).toThrow(UnreadableEvent);
      expect(() => readEvent(text)).toThrow(reason);
    },
  );

  test.each([
    ['a type', { ...event, type: 'user.eaten' }, 'unknown event type user.eaten'],
    ['a name that every object has', { ...event, type: 'constructor' }, 'unknown event type'],
    ['a version', { ...event, dataschema: 'urn:quartet:event:user.deleted:2' }, 'unknown version'],
    [
      'another type’s schema',
      { ...event, dataschema: 'urn:quartet:event:user.created:1' },
      'unknown version',
    ],
  ])(
    'given %s that no contract has, when it is read, then the event is unknown, as a newer release may know it',
    (_name, message, reason) => {
      expect(() => readEvent(JSON.stringify(message))).toThrow(UnknownEvent);
      expect(() => readEvent(JSON.stringify(message))).toThrow(reason);
    },
  );
});

test('given an event with or without a trace, when it enters the outbox, then only an existing trace is stored', () => {
  expect(toOutbox(event, { now, traceparent: '00-x' })).toEqual({ ...event, traceparent: '00-x' });
  expect(toOutbox(event, { now })).toEqual(event);
});

test.each([
  ['user.deleted', { user_id: id, email: 'a' }, '/quartet/auth'],
  ['password.changed', { user_id: id, email: 'a', by: 'link' }, '/quartet/auth'],
  ['item.created', { item_id: id, owner_id: id }, '/quartet/items'],
] as const)(
  'given %s, when it is made, then its source is the service that its contract names',
  (type, data, source) => {
    expect(createEvent(type, id, data, now).source).toBe(source);
  },
);

test('given every event type, then it has a group and its data contains no secret', () => {
  for (const [type, { data }] of Object.entries(contracts)) {
    expect(isEventType(type)).toBe(true);
    expect(type).toMatch(/^[a-z]+\.[a-z-]+$/);
    expect(RESERVED).not.toContain(type.split('.')[0]);
    expect(Object.keys(data.shape).join()).not.toMatch(/password|token|hash/);
  }
});

test.each([
  [undefined, 'EVENTS', 'user.created', 'dead-letter.items'],
  ['shop', 'shop_EVENTS', 'shop.user.created', 'shop.dead-letter.items'],
])(
  'given the namespace %s, then names contain it and a subject is converted back to its type',
  (namespace, stream, subject, letter) => {
    const names = namesIn(namespace);
    expect([names.eventStream, names.event('user.created'), names.deadLetter('items')]).toEqual([
      stream,
      subject,
      letter,
    ]);
    expect(names.typeOf(subject)).toBe('user.created');
  },
);
