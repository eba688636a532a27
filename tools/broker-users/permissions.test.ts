import { namesIn } from '@quartet/common/events/broker/names.ts';
import { contracts, eventTypes } from '@quartet/common/events/contracts.ts';
import { expect, test } from 'vitest';
import { brokerUsers, permissionsOf } from './permissions.ts';

/** Other tests try these lists at real brokers. */
const bare = namesIn(undefined);

test('given items, then it may use only these subjects', () => {
  expect(permissionsOf('items', bare)).toEqual({
    publish: [
      '$JS.ACK.EVENTS.items.>',
      '$JS.API.CONSUMER.CREATE.KV_REVOCATIONS.*.$KV.REVOCATIONS.>',
      '$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.items',
      '$JS.API.CONSUMER.INFO.EVENTS.items',
      '$JS.API.CONSUMER.MSG.NEXT.EVENTS.items',
      '$JS.API.STREAM.INFO.EVENTS',
      '$JS.API.STREAM.INFO.KV_REVOCATIONS',
      '$JS.API.STREAM.INFO.KV_ROUTES',
      '$JS.FC.KV_REVOCATIONS.>',
      '$KV.ROUTES.items',
      'dead-letter.items',
      ...eventTypes.filter((type) => contracts[type].producer === 'items').toSorted(),
      'status.answer.items',
    ].toSorted(),
    subscribe: ['_INBOX_items.>', 'status.ask'],
  });
});

test('given the gateway, then it may use only these subjects', () => {
  expect(permissionsOf('gateway', bare)).toEqual({
    publish: [
      '$JS.API.CONSUMER.CREATE.EVENTS',
      '$JS.API.CONSUMER.CREATE.KV_REVOCATIONS.*.$KV.REVOCATIONS.>',
      '$JS.API.CONSUMER.CREATE.KV_ROUTES.*.$KV.ROUTES.>',
      '$JS.API.STREAM.INFO.EVENTS',
      '$JS.API.STREAM.INFO.KV_REVOCATIONS',
      '$JS.API.STREAM.INFO.KV_ROUTES',
      '$JS.API.STREAM.MSG.GET.EVENTS',
      '$JS.API.STREAM.MSG.GET.KV_ROUTES',
      '$JS.API.STREAM.MSG.GET.KV_TICKETS',
      '$JS.FC.EVENTS.>',
      '$JS.FC.KV_REVOCATIONS.>',
      '$JS.FC.KV_ROUTES.>',
      '$KV.ROUTES.openapi-document',
      '$KV.TICKETS.>',
      'status.answer.gateway',
      'status.ask',
    ],
    subscribe: ['_INBOX_gateway.>', 'status.answer.*', 'status.ask'],
  });
});

test.each(eventTypes)('given the event %s, then only its producer may publish it', (type) => {
  const publishers = brokerUsers.filter((user) => permissionsOf(user, bare).publish.includes(type));
  expect(publishers).toEqual([contracts[type].producer]);
});

test.each(brokerUsers)('given %s, then no subject is wider than a stream, a bucket or an inbox', (user) => {
  const { publish, subscribe } = permissionsOf(user, bare);
  for (const subject of [...publish, ...subscribe]) {
    expect(subject).not.toMatch(
      /^[*>]|^\$(JS|KV|SYS)\.[*>]|^\$JS\.API\.[*>]|^\$JS\.API\.\w+\.[*>]|^_INBOX\./,
    );
    expect(subject).not.toMatch(/\.(DELETE|PURGE|NAMES|LIST|RESTORE|SNAPSHOT)\.?(?!.*DEAD_LETTERS)/);
  }
});

test('given a namespace, then every subject of ours is inside it', () => {
  const names = namesIn('two');
  for (const user of brokerUsers) {
    const { publish, subscribe } = permissionsOf(user, names);
    for (const subject of [...publish, ...subscribe]) expect(subject).toMatch(/two[._]/);
  }
});
