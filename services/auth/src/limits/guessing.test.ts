import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  adminUpdates,
  logInAdmin,
  newEmail,
  PASSWORD,
  signUp,
  type UserBody,
} from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { documentOf, eventsAbout, storedEvents } from '../../../../tests/support/events.ts';
import { type LimitedAuth, runLimitedAuth, tryPassword } from '../../../../tests/support/limits.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let auth: LimitedAuth;
let clients: Client[];

beforeAll(async () => {
  bed = await startTestbed();
  auth = await runLimitedAuth(bed);
  clients = auth.replicas.map(({ client }) => client);
});
afterAll(() => bed.stop());

const GUESSING = 'password.guessing-detected';

/** Attempts over both replicas at once; those that wait get their turn as well. */
async function attack(email: string, count: number): Promise<void> {
  let answered = 0;
  const tries = Array.from({ length: count }, async (_, n) => {
    await tryPassword(clients[n % 2] ?? expect.fail(), email, 'wrong pass');
    answered += 1;
  });
  const done = () => {
    auth.clock.advance(1_000);
    return answered;
  };
  await expect.poll(done, { timeout: 10_000 }).toBe(count);
  await Promise.all(tries);
}

const isTold = async ({ id }: UserBody): Promise<boolean> => {
  const user = await documentOf(bed, 'users', id);
  return user?.guessing_told_at instanceof Date;
};
const warningsTo = async ({ id }: UserBody) =>
  (await eventsAbout(bed, 'users', id)).filter(({ event }) => event.type === GUESSING);

describe('given wrong passwords on an active user', () => {
  test('when they reach the number that slows it down, then there is one event, at once or never', async () => {
    const [client = expect.fail()] = clients;
    const user = await signUp(client);
    for (let n = 0; n < 9; n += 1) await tryPassword(client, user.email, 'wrong pass');
    expect(await isTold(user)).toBe(false);
    await tryPassword(client, user.email, 'wrong pass');
    await expect.poll(() => isTold(user)).toBe(true);
    const [told, ...more] = await warningsTo(user);
    expect(more).toEqual([]);
    expect(told?.event.data).toEqual({ user_id: user.id, email: user.email, failures: 10 });
    expect(await documentOf(bed, 'users', user.id)).toMatchObject({
      guessing_told_at: new Date(told?.event.time ?? ''),
    });
  });

  test('when 100 reach two replicas, and 40 more after a right one, then its owner gets one warning', async () => {
    const [client = expect.fail()] = clients;
    const user = await signUp(client);
    await attack(user.email, 100);
    await expect.poll(() => isTold(user)).toBe(true);
    await adminUpdates(client, await logInAdmin(client), user.id, { password: PASSWORD });
    expect((await tryPassword(client, user.email, PASSWORD)).status).toBe(200);
    await attack(user.email, 40);
    expect(await warningsTo(user)).toHaveLength(1);
  });

  test('when the warning was yesterday, then its owner gets another one', async () => {
    const [client = expect.fail()] = clients;
    const user = await signUp(client);
    await attack(user.email, 20);
    await expect.poll(async () => (await warningsTo(user)).length).toBe(1);
    const yesterday = new Date(Date.now() - 24 * 3_600_000);
    const users = bed.database.db.collection('users');
    await users.updateOne({ _id: new ObjectId(user.id) }, { $set: { guessing_told_at: yesterday } });
    auth.clock.advance(3_600_000 + 60_000);
    await attack(user.email, 20);
    await expect.poll(async () => (await warningsTo(user)).length).toBe(2);
  });
});

test('given an inactive user and an unknown address, then nobody gets a warning', async () => {
  const [client = expect.fail()] = clients;
  const user = await signUp(client);
  await adminUpdates(client, await logInAdmin(client), user.id, { is_active: false });
  const unknown = newEmail();
  await attack(user.email, 20);
  await attack(unknown, 20);
  const witness = await signUp(client);
  await attack(witness.email, 20);
  await expect.poll(() => isTold(witness)).toBe(true);
  expect(await isTold(user)).toBe(false);
  expect(await warningsTo(user)).toEqual([]);
  const about = (await storedEvents(bed)).map(({ text }) => text).join();
  expect(about).not.toContain(unknown);
});
