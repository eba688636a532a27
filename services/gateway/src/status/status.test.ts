import { ObjectId } from 'mongodb';
import { expect, test } from 'vitest';
import { newMember } from '../../../../tests/support/accounts.ts';
import { allServicesFixture } from '../../../../tests/support/fixtures.ts';
import { runItems } from '../../../../tests/support/services.ts';
import { serviceNames } from '../../../services.ts';
import type { StatusPublic } from './status-schema.ts';

const { bed, auth, admin, call } = await allServicesFixture();

async function readStatus(): Promise<StatusPublic> {
  const { status, body, text } = await call('GET', '/status/', { token: admin });
  if (status !== 200) throw new Error(`the status answered ${status}: ${text}`);
  return body as StatusPublic;
}

const replicasOf = (status: StatusPublic, service: string) =>
  status.services.find(({ name }) => name === service)?.replicas ?? [];

test('given all services, then each has a ready replica with its version, and nothing is unanswered', async () => {
  const status = await readStatus();
  expect(status.unanswered).toEqual([]);
  expect(status.services.map(({ name }) => name)).toEqual(serviceNames);
  for (const service of serviceNames) {
    expect(replicasOf(status, service)).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{16}$/),
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        started_at: expect.any(String),
        is_ready: true,
        problems: [],
        notes: [],
      },
    ]);
  }
  expect(status.outboxes.map(({ service }) => service)).toEqual(['auth', 'items']);
  expect(status.consumers.map(({ service }) => service)).toEqual(['items', 'notifier']);
});

test('given users and items, then their numbers are those of the lists', async () => {
  const { token } = await newMember(auth.client);
  await call('POST', '/items/', { token, body: { title: 'one' } });
  const countOf = async (path: string) => {
    const { body } = await call('GET', path, { token: admin });
    return (body as { count: number }).count;
  };
  await expect
    .poll(async () => (await readStatus()).documents, { timeout: 20_000 })
    .toEqual([
      { service: 'auth', name: 'users', count: await countOf('/users/') },
      { service: 'items', name: 'items', count: await countOf('/items/') },
    ]);
});

test('given a second replica of items, then both are listed, and after its end one', async () => {
  const second = await runItems(bed, auth);
  const count = async () => replicasOf(await readStatus(), 'items').length;
  await expect.poll(count, { timeout: 20_000 }).toBe(2);
  await second.stop();
  await expect.poll(count, { timeout: 20_000 }).toBe(1);
  expect((await readStatus()).unanswered).toEqual([]);
});

test('given e-mails, dead letters and an event that wait, then each has its number and the age of the oldest', async () => {
  // The notifier has no SMTP server.
  await newMember(auth.client);
  const { js, names } = bed.broker;
  await js.publish(names.event('password.changed'), 'no event');
  // The sweep does not publish it yet.
  const time = new Date(Date.now() + 3_600_000).toISOString();
  const outbox = [{ id: 'late', type: 'item.created', time }];
  await bed.database.db
    .collection('items')
    .insertOne({ _id: new ObjectId(), outbox, created_at: new Date() });

  const one = { waiting: 1, oldest_age_seconds: expect.any(Number) };
  await expect.poll(readStatus, { timeout: 20_000 }).toMatchObject({ dead_letters: one });
  const queued = await call('GET', '/emails/?status=queued&limit=1', { token: admin });
  const { count } = queued.body as { count: number };
  expect(count).toBeGreaterThan(0);
  await expect.poll(readStatus, { timeout: 20_000 }).toMatchObject({ emails: { waiting: count } });
  await expect
    .poll(async () => (await readStatus()).outboxes, { timeout: 20_000 })
    .toContainEqual({ service: 'items', waiting: 1, oldest_age_seconds: 0 });
  const first = await readStatus();
  const ages = ({ emails, dead_letters }: StatusPublic) => [
    emails?.oldest_age_seconds ?? -1,
    dead_letters?.oldest_age_seconds ?? -1,
  ];
  const [emailAge = -1, letterAge = -1] = ages(first);
  expect(Math.min(emailAge, letterAge)).toBeGreaterThanOrEqual(0);
  await expect.poll(async () => ages(await readStatus())[0], { timeout: 20_000 }).toBeGreaterThan(emailAge);
  await expect.poll(async () => ages(await readStatus())[1], { timeout: 20_000 }).toBeGreaterThan(letterAge);
});

test('given many callers at once, then the services are asked once', async () => {
  const { nc, names } = bed.broker;
  let asked = 0;
  const counting = nc.subscribe(names.statusAsk, {
    callback() {
      asked += 1;
    },
  });
  await nc.flush();
  const known = (await readStatus()).at;
  const askedBefore = asked;
  const times = new Set<string>();
  const readByMany = async () => {
    const statuses = await Promise.all(Array.from({ length: 50 }, readStatus));
    for (const { at } of statuses) if (at !== known) times.add(at);
    return times.size;
  };
  await expect.poll(readByMany, { timeout: 20_000 }).toBeGreaterThan(0);
  await nc.flush();
  counting.unsubscribe();
  // A busy machine may take longer than a second for a round, and so ask once more.
  expect(asked - askedBefore).toBe(times.size);
  expect(times.size).toBeLessThan(5);
});

test('given an ordinary user, or nobody, then the status is refused', async () => {
  const { token } = await newMember(auth.client);
  expect(await call('GET', '/status/', { token })).toMatchObject({
    status: 403,
    body: { detail: "The user doesn't have enough privileges" },
  });
  expect((await call('GET', '/status/')).status).toBe(401);
});
