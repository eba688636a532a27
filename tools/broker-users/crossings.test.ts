import { setImmediate } from 'node:timers/promises';
import { namesIn } from '@quartet/common/events/broker/names.ts';
import { LAST_DOCUMENT, storeRegistration } from '@quartet/common/events/kv/service-registry.ts';
import { serveUserRequests } from '@quartet/common/events/user-request.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Guarded,
  type GuardedBroker,
  NAMESPACE,
  startGuardedBroker,
} from '../../tests/support/guarded-broker.ts';
import { type BrokerUser, brokerUsers } from './permissions.ts';

/** Another user may do the same, which proves that the attempt is valid. */
const names = namesIn(NAMESPACE);
const { eventStream, deadLetterStream, revocations, routes, limits, tickets } = names;
let broker: GuardedBroker;
let clients: Record<BrokerUser | 'admin', Guarded>;

beforeAll(async () => {
  broker = await startGuardedBroker();
  const users = await Promise.all(
    [...brokerUsers, 'admin' as const].map(async (user) => [user, await broker.as(user)]),
  );
  clients = Object.fromEntries(users);
});
afterAll(() => broker.stop());

async function attempt(
  user: BrokerUser | 'admin',
  kind: 'publish' | 'subscription',
  subject: string,
  queue?: string,
) {
  const {
    broker: { nc },
    refusals,
  } = clients[user];
  const before = refusals.length;
  if (kind === 'publish') nc.publish(subject, '{}');
  else nc.subscribe(subject, { ...(queue ? { queue } : {}), callback: () => undefined });
  await nc.flush();
  // The client reports a refusal in the tick after it has read it.
  await setImmediate();
  return refusals.slice(before);
}

describe('publishing', () => {
  test.each<[BrokerUser, string, BrokerUser | 'admin']>([
    ['notifier', names.event('user.created'), 'auth'],
    ['notifier', names.event('item.created'), 'items'],
    ['items', names.event('user.deleted'), 'auth'],
    ['items', names.event('password.changed'), 'auth'],
    ['auth', names.event('item.deleted'), 'items'],
    ['gateway', names.event('user.created'), 'auth'],
    ['gateway', names.event('item.created'), 'items'],
    ['gateway', names.deadLetter('gateway'), 'admin'],
    ['items', names.event('user.not-in-any-contract'), 'admin'],
    ['items', `$KV.${revocations}.650000000000000000000001`, 'auth'],
    ['notifier', `$KV.${revocations}.650000000000000000000001`, 'auth'],
    ['gateway', `$KV.${limits}.login`, 'auth'],
    ['items', `$KV.${routes}.auth`, 'auth'],
    ['auth', `$KV.${routes}.items`, 'items'],
    ['items', `$KV.${routes}.${LAST_DOCUMENT}`, 'gateway'],
    ['items', names.request('password-link'), 'notifier'],
    ['gateway', names.request('password-link'), 'notifier'],
    ['items', names.request('user-address'), 'notifier'],
    ['gateway', names.request('user-address'), 'notifier'],
    ['items', names.statusAsk, 'gateway'],
    ['items', names.statusAnswer('auth'), 'auth'],
    ['gateway', names.statusAnswer('items'), 'items'],
    ['items', names.deadLetter('notifier'), 'notifier'],
    ['items', names.replay('items'), 'notifier'],
    ['items', `${names.inbox('notifier')}.x`, 'auth'],
    ['items', `${names.inbox('gateway')}.x`, 'admin'],
    ['items', `$JS.API.STREAM.DELETE.${eventStream}x`, 'admin'],
    ['auth', `$JS.API.STREAM.DELETE.${eventStream}x`, 'admin'],
    ['auth', `$JS.API.STREAM.PURGE.${eventStream}x`, 'admin'],
    ['notifier', `$JS.API.STREAM.PURGE.${deadLetterStream}x`, 'admin'],
    ['items', `$JS.API.STREAM.UPDATE.${eventStream}`, 'auth'],
    ['items', `$JS.API.STREAM.CREATE.${eventStream}`, 'auth'],
    ['notifier', `$JS.API.STREAM.UPDATE.KV_${revocations}`, 'auth'],
    ['items', `$JS.API.STREAM.MSG.GET.${deadLetterStream}`, 'notifier'],
    ['notifier', `$JS.API.DIRECT.GET.${deadLetterStream}`, 'admin'],
    ['items', `$JS.API.CONSUMER.CREATE.${deadLetterStream}.x.${names.deadLetter('>')}`, 'notifier'],
    ['items', `$JS.API.STREAM.MSG.DELETE.${deadLetterStream}`, 'notifier'],
    ['items', `$JS.API.STREAM.MSG.GET.${eventStream}`, 'admin'],
    ['notifier', `$JS.API.STREAM.MSG.DELETE.${eventStream}`, 'admin'],
    ['items', `$JS.API.CONSUMER.DURABLE.CREATE.${eventStream}.notifier`, 'notifier'],
    ['notifier', `$JS.API.CONSUMER.DURABLE.CREATE.${eventStream}.items`, 'items'],
    ['items', `$JS.API.CONSUMER.CREATE.${eventStream}`, 'admin'],
    ['gateway', `$JS.API.CONSUMER.CREATE.${eventStream}.items`, 'admin'],
    ['gateway', `$JS.API.CONSUMER.MSG.NEXT.${eventStream}.items`, 'items'],
    ['items', `$KV.${tickets}.x`, 'gateway'],
    ['auth', `$KV.${tickets}.x`, 'gateway'],
    ['notifier', `$JS.API.STREAM.MSG.GET.KV_${tickets}`, 'gateway'],
    ['gateway', `$JS.API.CONSUMER.DURABLE.CREATE.${eventStream}.gateway`, 'admin'],
    ['items', `$JS.API.CONSUMER.MSG.NEXT.${eventStream}.notifier`, 'notifier'],
    ['items', `$JS.API.CONSUMER.DELETE.${eventStream}.notifier`, 'admin'],
    ['items', `$JS.API.CONSUMER.CREATE.KV_${routes}.x.$KV.${routes}.>`, 'gateway'],
    ['items', `$JS.ACK.${eventStream}.notifier.1.1.1.1700000000000000000.0`, 'notifier'],
    ['notifier', '$JS.API.INFO', 'admin'],
    ['items', '$JS.API.STREAM.NAMES', 'admin'],
    ['items', '$SYS.REQ.USER.INFO', 'admin'],
    ['items', 'user.created', 'admin'],
  ])('%s may not publish %s, as %s may', async (user, subject, rightful) => {
    expect(await attempt(user, 'publish', subject)).toEqual([{ operation: 'publish', subject }]);
    expect(await attempt(rightful, 'publish', subject)).toEqual([]);
  });
});

describe('subscribing', () => {
  test.each<[BrokerUser, string, string | undefined, BrokerUser | 'admin']>([
    ['items', `${names.inbox('notifier')}.>`, undefined, 'notifier'],
    ['notifier', `${names.inbox('auth')}.>`, undefined, 'auth'],
    ['items', '_INBOX.>', undefined, 'admin'],
    ['items', names.request('password-link'), 'auth', 'auth'],
    ['notifier', names.request('password-link'), 'auth', 'auth'],
    ['auth', names.request('password-link'), undefined, 'admin'],
    ['notifier', names.request('user-address'), 'auth', 'auth'],
    ['items', names.statusAnswer('*'), undefined, 'gateway'],
    ['notifier', names.statusAnswer('items'), undefined, 'gateway'],
    ['items', names.event('user.created'), undefined, 'admin'],
    ['notifier', `$KV.${revocations}.>`, undefined, 'admin'],
    ['gateway', '>', undefined, 'admin'],
    ['gateway', '$JS.EVENT.ADVISORY.>', undefined, 'admin'],
  ])('%s may not subscribe to %s in queue %s, as %s may', async (user, subject, queue, rightful) => {
    expect(await attempt(user, 'subscription', subject, queue)).toEqual([
      { operation: 'subscription', subject },
    ]);
    expect(await attempt(rightful, 'subscription', subject, queue)).toEqual([]);
  });
});

describe('by the client', () => {
  test('given an event of another service, then publishing fails at once and the error log names its subject', async () => {
    const { broker: notifier, lines } = clients.notifier;
    const subject = names.event('user.created');
    const stored = async () => {
      const { state } = await clients.admin.broker.jsm.streams.info(eventStream, {
        subjects_filter: subject,
      });
      return state.subjects?.[subject] ?? 0;
    };
    const before = await stored();
    await expect(notifier.js.publish(subject, '{}')).rejects.toThrow(`Publish to "${subject}"`);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 50, operation: 'publish', subject, msg: 'the broker forbids this' }),
    );
    expect(await stored()).toBe(before);
    await clients.auth.broker.js.publish(subject, '{}');
    expect(await stored()).toBe(before + 1);
  });

  test('given requests that it may not answer, then a service logs that and continues', async () => {
    const { broker: items, lines } = clients.items;
    const log = createLog('test', 'debug', { write: (line) => void lines.push(JSON.parse(line)) });
    serveUserRequests(items, log, async () => ({ found: false }));
    const logged = () => lines.map(({ level, msg }) => [level, msg]);
    await expect.poll(logged).toContainEqual([50, 'requests about users cannot be received']);
  });

  test('given the routes of another service, then the registration fails', async () => {
    await expect(storeRegistration(clients.items.broker, 'auth', { routes: [] })).rejects.toThrow('auth');
    await storeRegistration(clients.items.broker, 'items', { routes: [] });
  });
});
