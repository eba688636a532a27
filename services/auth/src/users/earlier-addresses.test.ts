import { randomUUID } from 'node:crypto';
import { requestLink } from '@quartet/common/events/user-request.ts';
import { ObjectId } from 'mongodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logInAdmin, type UserBody } from '../../../../tests/support/accounts.ts';
import { type Client, logIn } from '../../../../tests/support/client.ts';
import { allWishesTold, eventsAbout, storedEvents } from '../../../../tests/support/events.ts';
import { shownLink } from '../../../../tests/support/forged-tokens.ts';
import { runAuth, runRolledOutAuth } from '../../../../tests/support/services.ts';
import { FORM, SPELLINGS } from '../../../../tests/support/spellings.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { createPasswords, ownTurn } from '../passwords.ts';

const XN = 'ada@xn--zrich-kva.example';
const WIDE = 'ada@ｚürich.example';
const MATHS = 'ada@𝐳ürich.example';

let bed: Testbed;

beforeEach(async () => {
  bed = await startTestbed();
});
afterEach(() => bed.stop());

const usersOf = () => bed.database.db.collection('users');
const stored = (_id: ObjectId) => usersOf().findOne({ _id });

type EarlierUser = { _id: ObjectId; email: string; updated_at: Date };

/** A user as the release before the form stored it, with a password of its own; each is older than the next. */
async function storeEarlierUsers(...emails: string[]): Promise<EarlierUser[]> {
  const passwords = await createPasswords(4);
  const documents = await Promise.all(
    emails.map(async (email, n) => ({
      _id: new ObjectId(),
      email,
      full_name: null,
      hashed_password: await passwords.hash(`password of ${email}`, ownTurn),
      is_active: true,
      is_superuser: false,
      email_version: 0,
      token_version: 0,
      spared_session: null,
      revision: 0,
      created_at: new Date(Date.UTC(2026, 0, 1 + n)),
      updated_at: new Date(Date.UTC(2026, 0, 1 + n)),
      outbox: [],
    })),
  );
  await usersOf().insertMany(documents);
  return documents;
}

/** Waits until the users have these addresses. */
const expectAddresses = (ids: ObjectId[], emails: string[]) =>
  expect
    .poll(async () => Promise.all(ids.map(async (id) => (await stored(id))?.email)), { timeout: 20_000 })
    .toEqual(emails);

async function me(client: Client, spelling: string, passwordOf: string) {
  const token = await logIn(client, spelling, `password of ${passwordOf}`);
  return { token, user: (await client('GET', '/users/me', { token })).body as UserBody };
}

const recover = (client: Client, spelling: string) =>
  client('POST', `/password-recovery/${encodeURIComponent(spelling)}`);
/** As the notifier asks for it; without an event, for an e-mail that the earlier release has left in the queue. */
const linkFor = (id: ObjectId, event_id: string = randomUUID()) =>
  requestLink(bed.broker, { by: 'event', event_id, user_id: id.toHexString() });
const eventTypesOf = async (id: ObjectId) => {
  await allWishesTold(bed);
  return (await eventsAbout(bed, 'users', id.toHexString())).map(({ event }) => event.type);
};

describe('while processes of the previous release may run', () => {
  test.each([XN, WIDE, MATHS])('given %s is stored, then its owner still uses it', async (email) => {
    const [{ _id }] = (await storeEarlierUsers(email)) as [EarlierUser];
    const { client } = await runAuth(bed);
    const { token, user } = await me(client, ` ${email.toUpperCase()}`, email);
    expect(user).toMatchObject({ id: _id.toHexString(), email });
    const body = { full_name: 'Ada', email: user.email };
    expect((await client('PATCH', '/users/me', { token, body })).status).toBe(200);
    await recover(client, email);
    expect(await eventTypesOf(_id)).toContain('password.reset-requested');
    // That release looks addresses up as they are spelled.
    expect(await stored(_id)).toMatchObject({ email, full_name: 'Ada', email_version: 0 });
  });
});

describe('when they have stopped', () => {
  test.each([XN, WIDE, MATHS])('given %s is stored, then it is normalized', async (email) => {
    const [{ _id, ...before }] = (await storeEarlierUsers(email)) as [EarlierUser];
    const early = await runAuth(bed);
    const link = await linkFor(_id);
    const { client } = await runRolledOutAuth(bed);
    await expectAddresses([_id], [FORM]);
    expect(await stored(_id)).toMatchObject({
      ...before,
      // Lists by address need the time at which a user moves in them.
      updated_at: expect.any(Date),
      email: FORM,
      spelled_before: email,
      revision: 1,
    });
    for (const replica of [early.client, client]) {
      for (const spelling of SPELLINGS) {
        expect((await me(replica, spelling, email)).user).toMatchObject({
          id: _id.toHexString(),
          email: FORM,
        });
        const body = { email: spelling, password: 'password1' };
        expect((await replica('POST', '/users/signup', { body })).status).toBe(400);
      }
    }
    expect((await storedEvents(bed)).filter(({ event }) => event.subject === _id.toHexString())).toEqual([]);

    // An e-mail that waits still finds its user, and a link of before still sets the password.
    expect(await linkFor(_id)).toMatchObject({ found: true, email: FORM });
    const body = { token: link.found && link.token, new_password: 'by an old link' };
    expect((await client('POST', '/reset-password/', { body })).status).toBe(200);
    expect(await logIn(client, FORM, 'by an old link')).toBeTruthy();
    expect((await client('POST', '/reset-password/', { body })).status).toBe(400);

    // With another address nothing is left of the old spelling.
    const token = await logIn(client, FORM, 'by an old link');
    await client('PATCH', '/users/me', { token, body: { email: 'ada@example.com' } });
    expect(await stored(_id)).not.toHaveProperty('spelled_before');
  });

  test('given replicas do it at the same time, then it is done once', async () => {
    const emails = Array.from({ length: 5 }, (_, n) => `user-${n}@ｅｘａｍｐｌｅ.com`);
    const ids = (await storeEarlierUsers(...emails)).map(({ _id }) => _id);
    // It makes the indexes, which some engines build for one of several replicas only.
    await runAuth(bed);
    await Promise.all([runRolledOutAuth(bed), runRolledOutAuth(bed), runRolledOutAuth(bed)]);
    await expectAddresses(
      ids,
      emails.map((_, n) => `user-${n}@example.com`),
    );
    for (const id of ids) expect((await stored(id))?.revision).toBe(1);
  });

  test('given several users of one mailbox, then the oldest gets the normalized address, and all accounts still work', async () => {
    const users = await storeEarlierUsers(WIDE, XN, MATHS, 'last@ｅｘａｍｐｌｅ.com');
    const ids = users.map(({ _id }) => _id);
    const [wide, xn, maths] = ids as [ObjectId, ObjectId, ObjectId];
    const { client } = await runRolledOutAuth(bed);
    // The sweep goes from the oldest to the newest, so it is over with the last.
    await expectAddresses(ids, [FORM, XN, MATHS, 'last@example.com']);

    for (const [spelling, id] of [
      [WIDE, wide],
      [FORM, wide],
      [XN, xn],
      [MATHS, maths],
    ] as const) {
      const own = spelling === FORM ? WIDE : spelling;
      const { token, user } = await me(client, spelling, own);
      expect(user.id).toBe(id.toHexString());
      const body = { email: user.email, full_name: `Ada at ${spelling}` };
      const changed = await client('PATCH', '/users/me', { token, body });
      expect(changed).toMatchObject({ status: 200, body });
    }
    await recover(client, XN);
    expect(await eventTypesOf(xn)).toContain('password.reset-requested');
    expect(await eventTypesOf(wide)).not.toContain('password.reset-requested');
    const reply = await requestLink(bed.broker, shownLink(bed, XN));
    expect(reply).toMatchObject({ found: true, email: XN });
    expect(bed.logLines()).toContainEqual(
      expect.objectContaining({ user_id: xn.toHexString(), msg: 'another user has the same mailbox' }),
    );
    // When the form is free again, the next start gives it to the oldest that is left.
    const admin = await logInAdmin(client);
    await client('DELETE', `/users/${wide.toHexString()}`, { token: admin });
    await runRolledOutAuth(bed);
    await expectAddresses([xn, maths], [FORM, MATHS]);
  });

  test('given one of them has the normalized address already, then it keeps it', async () => {
    const users = await storeEarlierUsers(XN, FORM, 'last@ｅｘａｍｐｌｅ.com');
    const { client } = await runRolledOutAuth(bed);
    await expectAddresses(
      users.map(({ _id }) => _id),
      [XN, FORM, 'last@example.com'],
    );
    for (const [n, spelling] of [XN, FORM].entries()) {
      expect((await me(client, spelling, spelling)).user.id).toBe(users[n]?._id.toHexString());
    }
  });

  test.each(['ada@127.0.0.1', 'ada@ab.xn--a.example', 'ada@1.2'])(
    'given %s, which is no longer a valid address, then its owner still uses it',
    async (email) => {
      const users = await storeEarlierUsers(email, 'last@ｅｘａｍｐｌｅ.com');
      const [{ _id }] = users as [EarlierUser, EarlierUser];
      const { client } = await runRolledOutAuth(bed);
      await expectAddresses(
        users.map((user) => user._id),
        [email, 'last@example.com'],
      );
      const { token, user } = await me(client, email.toUpperCase(), email);
      expect(user).toMatchObject({ id: _id.toHexString(), email });
      expect((await client('PATCH', '/users/me', { token, body: { full_name: 'Ada' } })).status).toBe(200);
      await recover(client, email);
      expect(await eventTypesOf(_id)).toContain('password.reset-requested');
      const events = await eventsAbout(bed, 'users', _id.toHexString());
      const request = events.find(({ event }) => event.type === 'password.reset-requested');
      expect(await linkFor(_id, request?.event.id)).toMatchObject({ found: true });
    },
  );
});
