import type { Replacement } from '../../support/replacement.ts';
import type { DataLossPlan } from '../faults/data-loss.ts';

export type Sabotage = Replacement & {
  name: string;
  targets: readonly string[];
  kills: number;
  losses?: DataLossPlan;
};

/** Each of these must make a run fail. */
export const sabotages: readonly Sabotage[] = [
  {
    // A new user is stored without its event, which is only published from memory.
    name: 'publish-instead-of-outbox',
    targets: ['broker', 'auth'],
    kills: 6,
    file: 'services/auth/src/users/user-store.ts',
    find: /insertOne\(user\)/g,
    replace: 'insertOne({ ...user, outbox: [] })',
  },
  {
    // A message is acknowledged before its handler has finished.
    name: 'acknowledge-before-effect',
    targets: ['notifier', 'items'],
    kills: 6,
    file: 'libs/common/src/events/consumer/message-handler.ts',
    find: /const redeliver = await retryWhileUnavailable\(/g,
    replace: 'message.ack(); await delay(500); const redeliver = await retryWhileUnavailable(',
  },
  {
    // At its start, the notifier deletes unsent e-mails.
    name: 'forget-on-restart',
    targets: ['mail', 'notifier'],
    kills: 8,
    file: 'services/notifier/src/emails/email-store.ts',
    find: /await emails\.createIndexes\(/g,
    replace: "await emails.deleteMany({ status: 'queued' }); await emails.createIndexes(",
  },
  {
    // A watch waits for the lost bucket, although a new one exists.
    name: 'watch-the-lost-bucket',
    targets: ['mail'],
    kills: 4,
    losses: { losses: ['everything', 'REVOCATIONS'], percent: 50 },
    file: 'libs/common/src/events/kv/watched-bucket.ts',
    find: /watcher\.opened\?\.\(begun\);/g,
    replace:
      'if ((watcher.first ??= begun.created) !== begun.created) return new Promise(() => undefined); watcher.opened?.(begun);',
  },
  {
    // A new consumer begins with new messages, and skips the older ones.
    name: 'skip-what-came-before',
    targets: ['mail'],
    kills: 4,
    losses: { losses: ['everything', 'EVENTS'], percent: 50 },
    file: 'libs/common/src/events/consumer/durable-consumer.ts',
    find: /deliver_policy: DeliverPolicy\.All/g,
    replace: 'deliver_policy: DeliverPolicy.New',
  },
  {
    // A stream always begins with what is new.
    name: 'forget-what-readers-missed',
    targets: ['gateway'],
    kills: 3,
    file: 'services/gateway/src/live/resume.ts',
    find: /if \(lastEventId === undefined\) return/g,
    replace: 'if (lastEventId !== null) return',
  },
];

/** Shorter waits for unfinished work of a killed process do not hide a loss. */
export const hurry: readonly Replacement[] = [
  {
    file: 'libs/common/src/events/consumer/durable-consumer.ts',
    find: /const ACK_WAIT_MS = [\d_]+/g,
    replace: 'const ACK_WAIT_MS = 3_000',
  },
  {
    file: 'services/notifier/src/emails/email.ts',
    find: /const LEASE_MS = [\d_]+/g,
    replace: 'const LEASE_MS = 6_000',
  },
  {
    file: 'services/items/src/service.ts',
    find: /const REVOCATION_SETTLED_MS = [\d_]+/g,
    replace: 'const REVOCATION_SETTLED_MS = 1_000',
  },
];

/** @throws {Error} when there is no such sabotage */
export function sabotageNamed(name: string): Sabotage {
  const found = sabotages.find((one) => one.name === name);
  if (found) return found;
  throw new Error(
    `there is no sabotage "${name}": it is one of ${sabotages.map((one) => one.name).join(', ')}`,
  );
}
