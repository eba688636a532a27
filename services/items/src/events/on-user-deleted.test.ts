import { createEvent } from '@quartet/common/events/envelope.ts';
import { ObjectId } from 'mongodb';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { type Member, newMember } from '../../../../tests/support/accounts.ts';
import { allPublished, storedEvents, unhandled } from '../../../../tests/support/events.ts';
import { fixture } from '../../../../tests/support/fixtures.ts';
import { runAuth, runItems } from '../../../../tests/support/services.ts';
import type { ItemPublic } from '../schemas.ts';

const SETTLE_MS = 600;

type Deleted = { user: Member; made: string[] };

const { bed, auth, items } = await fixture(async (bed) => {
  const running = await runAuth(bed);
  return { auth: running.client, items: (await runItems(bed, running, {}, SETTLE_MS)).client };
});
let bystander: Member;
let several: Deleted;
let late: Deleted;
let many: Deleted;
let none: Member;

beforeAll(async () => {
  bystander = await newMember(auth);
  await newItem(bystander);
  late = await insertBetweenPasses();
  const [one, other] = [await newMember(auth), await newMember(auth)];
  several = { user: one, made: [await newItem(one), ...(await insertItems(one.id, 5))] };
  many = { user: other, made: await insertItems(other.id, 1_200) };
  none = await newMember(auth);
  for (const user of [several.user, many.user, none]) await deleteUser(user);
  await consumed();
  await allPublished(bed, 'items');
});

const collection = () => bed.database.db.collection('items');

async function insertItems(ownerId: string, count: number): Promise<string[]> {
  const now = new Date();
  const documents = Array.from({ length: count }, (_, n) => ({
    _id: new ObjectId(),
    owner_id: new ObjectId(ownerId),
    title: `item ${n}`,
    description: null,
    created_at: now,
    updated_at: now,
    outbox: [],
  }));
  await collection().insertMany(documents);
  return documents.map(({ _id }) => _id.toHexString());
}

const countOf = (ownerId: string) => collection().countDocuments({ owner_id: new ObjectId(ownerId) });

/** Waits until the consumer is done with every event, the second passes included. */
async function consumed(): Promise<void> {
  await vi.waitFor(async () => expect(await unhandled(bed.broker, 'items')).toBe(0), { timeout: 20_000 });
}

/** Deletes a user and makes an item of theirs after the first pass; once more with another user when that took too long. */
async function insertBetweenPasses(): Promise<Deleted> {
  for (;;) {
    const user = await newMember(auth);
    const made = [await newItem(user)];
    const startedAt = Date.now();
    await deleteUser(user);
    const firstPass = async () => expect(await countOf(user.id)).toBe(0);
    await vi.waitFor(firstPass, { timeout: 10_000, interval: 10 });
    made.push(...(await insertItems(user.id, 1)));
    // The second pass is so long after the event, which was not published before the deletion began.
    if (Date.now() - startedAt < SETTLE_MS) return { user, made };
    await collection().deleteMany({ owner_id: new ObjectId(user.id) });
  }
}

const deletionsOf = async (ownerId: string) =>
  (await storedEvents(bed)).flatMap(({ event }) =>
    event.type === 'item.deleted' && event.data.owner_id === ownerId ? [event.data.item_id] : [],
  );

async function newItem({ token }: Member): Promise<string> {
  const { body } = await items('POST', '/items/', { token, body: { title: 'by request' } });
  return (body as ItemPublic).id;
}

async function expectGone({ id }: Member, made: string[]): Promise<void> {
  expect(await countOf(id)).toBe(0);
  expect((await deletionsOf(id)).sort()).toEqual(made.toSorted());
}

const deleteUser = async ({ token }: Member) => {
  expect((await auth('DELETE', '/users/me', { token })).status).toBe(200);
};

describe('when a user is deleted', () => {
  test('given items of several users, then the user’s items are deleted, each with one event, and all others stay', async () => {
    await expectGone(several.user, several.made);
    expect(several.made).toHaveLength(6);
    expect(await countOf(bystander.id)).toBe(1);
    expect(await deletionsOf(bystander.id)).toEqual([]);
  });

  test('given an item made after the first pass by a token not yet revoked, then the second pass removes it', () =>
    expectGone(late.user, late.made));

  test('given no items, then the event is processed', () => expectGone(none, []));

  test('given 1,200 items, then all are deleted, each with one event', () =>
    expectGone(many.user, many.made));

  test('then no tombstone stays, and there is no dead letter', async () => {
    const { jsm, names } = bed.broker;
    expect(await collection().countDocuments()).toBe(1);
    expect((await jsm.streams.info(names.deadLetterStream)).state.messages).toBe(0);
  });

  test('given the event comes again, then nothing more happens', async () => {
    const before = (await storedEvents(bed)).length;
    const { js, names } = bed.broker;
    const { id, email } = several.user;
    const data = { user_id: id, email };
    const again = createEvent('user.deleted', id, data, new Date(0));
    await js.publish(names.event('user.deleted'), JSON.stringify(again));
    await consumed();
    await allPublished(bed, 'items');
    expect(await storedEvents(bed)).toHaveLength(before + 1);
    expect(await countOf(bystander.id)).toBe(1);
  });
});
