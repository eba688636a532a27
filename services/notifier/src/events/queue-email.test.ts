import { createEvent, readEvent } from '@quartet/common/events/envelope.ts';
import { isServiceAway, requestAddress } from '@quartet/common/events/user-request.ts';
import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newMember } from '../../../../tests/support/accounts.ts';
import { type Running, runAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { type EmailStore, openEmailStore } from '../emails/email-store.ts';
import { createQueueEmail } from './queue-email.ts';

let bed: Testbed;
let auth: Running;
let store: EmailStore;

beforeAll(async () => {
  bed = await startTestbed();
  auth = await runAuth(bed);
  store = await openEmailStore(bed.database.db);
});
afterAll(() => bed.stop());

const settings = { projectName: 'Quartet', waitingFor: null };
const itemOf = (owner_id: string) => {
  const item_id = new ObjectId().toHexString();
  return createEvent('item.created', item_id, { item_id, owner_id }, new Date());
};

/** Queues an e-mail about an event that has no address in its data. */
async function queueAbout(event: ReturnType<typeof itemOf>): Promise<void> {
  const addressOf = (userId: string) => requestAddress(bed.broker, userId);
  const queueEmail = createQueueEmail({ store, addressOf, onQueued: () => undefined }, settings);
  const delivery = { publishedAt: new Date(), log: bed.log };
  await queueEmail(readEvent(JSON.stringify(event)), delivery, 'welcome');
}

test('given an event without an address, then its e-mail goes to the address that auth knows of its user', async () => {
  const { id, email } = await newMember(auth.client);
  const event = itemOf(id);
  await queueAbout(event);
  expect(await store.find(event.id)).toMatchObject({ to: email, user_id: id, status: 'queued' });
});

test('given a deleted user, then no e-mail is queued', async () => {
  const event = itemOf(new ObjectId().toHexString());
  await queueAbout(event);
  expect(await store.find(event.id)).toBeNull();
});

test('given auth does not answer, then the event is tried again, and no e-mail is queued', async () => {
  const { id } = await newMember(auth.client);
  await auth.stop();
  const event = itemOf(id);
  const error = await queueAbout(event).catch((err: unknown) => err);
  expect(isServiceAway(error)).toBe(true);
  expect(await store.find(event.id)).toBeNull();
});
