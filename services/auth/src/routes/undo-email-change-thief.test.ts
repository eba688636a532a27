import { describe, expect, test } from 'vitest';
import { adminUpdates, newEmail, newMember, PASSWORD } from '../../../../tests/support/accounts.ts';
import { type Client, logIn } from '../../../../tests/support/client.ts';
import { documentOf, eventsAbout } from '../../../../tests/support/events.ts';
import { invalid, NEXT, undoFixture } from '../../test/undo-kit.ts';

const {
  bed,
  auth,
  replica,
  admin,
  undo,
  move,
  statusOf,
  addressOf,
  reset,
  changesOf,
  undoToken,
  recoveryToken,
  stolen,
} = await undoFixture();

describe('a thief', () => {
  test('given a new password by the new address and another address, then the owner alone has the account again', async () => {
    const { owner, foreign, link } = await stolen();
    expect((await reset(await recoveryToken(foreign))).status).toBe(200);
    const thief = await logIn(auth, foreign, NEXT);
    const next = newEmail();
    expect((await move(thief, next)).status).toBe(200);
    const [theirs, prepared] = [await undoToken(owner.id, foreign), await recoveryToken(next)];

    expect(await undo(link)).toMatchObject({ status: 200, body: { email: owner.email } });
    expect(await statusOf(thief)).toBe(403);
    for (const [email, password] of [
      [owner.email, NEXT],
      [owner.email, PASSWORD],
      [foreign, NEXT],
      [next, NEXT],
    ] as const) {
      await expect(logIn(auth, email, password), email).rejects.toThrow('400');
    }
    expect(await undo(theirs)).toMatchObject(invalid);
    expect(await reset(prepared)).toMatchObject(invalid);
    expect(await addressOf(owner.id)).toMatchObject({ email: owner.email, is_superuser: false });
  });

  test('given the thief undoes a change of their own, then the owner’s link is still valid', async () => {
    const { owner, thief, foreign, link } = await stolen();
    await move(thief);
    expect(await undo(await undoToken(owner.id, foreign))).toMatchObject({ body: { email: foreign } });
    expect(await undo(link)).toMatchObject({ status: 200, body: { email: owner.email } });
  });

  test.each(['the owner’s session', 'an admin'])(
    'given %s brought the address back, then the thief’s address has no link, and the owner’s link still ends the thief’s access',
    async (by) => {
      const { owner, thief, foreign, link } = await stolen();
      const further = newEmail();
      await move(thief, further);
      const theirs = await undoToken(owner.id, foreign);
      if (by === 'an admin') await adminUpdates(auth, admin, owner.id, { email: owner.email });
      else expect((await move(owner.token, owner.email)).status).toBe(200);
      expect((await changesOf(owner.id)).map(({ told }) => told)).toEqual([owner.email, foreign, undefined]);
      expect(await undo(theirs)).toMatchObject(invalid);
      expect(await statusOf(thief)).toBe(200);
      expect(await undo(link)).toMatchObject({ status: 200, body: { email: owner.email } });
      expect(await statusOf(thief)).toBe(403);
    },
  );

  test('given the thief signs up with the freed address, then 409 until its owner has removed that account', async () => {
    const { owner, link } = await stolen();
    const squatter = await newMember(auth, owner.email);
    const taken = { status: 409, body: { detail: 'User with this email already exists' } };
    expect(await undo(link)).toMatchObject(taken);
    expect((await reset(await recoveryToken(owner.email))).status).toBe(200);
    expect(await statusOf(squatter.token)).toBe(403);
    const token = await logIn(auth, owner.email, NEXT);
    expect((await auth('DELETE', '/users/me', { token })).status).toBe(200);
    expect(await undo(link)).toMatchObject({ status: 200, body: { id: owner.id, email: owner.email } });
  });

  test('given the thief deleted the account, then 400', async () => {
    const { thief, link } = await stolen();
    await auth('DELETE', '/users/me', { token: thief });
    expect(await undo(link)).toMatchObject(invalid);
  });

  test('given an admin has deactivated the account, then the address is restored, and the account stays deactivated', async () => {
    const { owner, link } = await stolen();
    await adminUpdates(auth, admin, owner.id, { is_active: false });
    expect(await undo(link)).toMatchObject({ status: 200, body: { email: owner.email, is_active: false } });
    // A link to set a password would be refused.
    const types = (await eventsAbout(bed, 'users', owner.id)).map(({ event }) => event.type);
    expect(types.at(-1)).toBe('user.updated');
  });

  test('given very many changes, then the first link is kept, and the size of the document stays bounded', async () => {
    const { owner, thief, link } = await stolen();
    for (let n = 0; n < 110; n += 1) expect((await move(thief)).status).toBe(200);
    const document = await documentOf(bed, 'users', owner.id);
    expect(document?.undo_grants).toHaveLength(100);
    expect(await undo(link)).toMatchObject({ status: 200, body: { email: owner.email } });
  });
});

describe('at once', () => {
  test('given 20 undos with one link on two replicas, then one 200 and 19 400', async () => {
    const { link } = await stolen();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => undo(link, n % 2 === 0 ? auth : replica)),
    );
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, ...Array.from({ length: 19 }, () => 400)]);
  });

  test('given a thief who keeps changing it meanwhile, then the owner has the address in the end', async () => {
    const { owner, thief, link } = await stolen();
    const moveAt = async (client: Client) =>
      (await client('PATCH', '/users/me', { token: thief, body: { email: newEmail() } })).status;
    const goOn = async (client: Client): Promise<number> => {
      const status = await moveAt(client);
      return status === 200 ? goOn(client) : status;
    };
    const changing = Array.from({ length: 16 }, (_, n) => goOn(n % 2 === 0 ? auth : replica));
    expect(await undo(link)).toMatchObject({ status: 200, body: { email: owner.email } });
    expect(new Set(await Promise.all(changing))).toEqual(new Set([403]));
    expect(await addressOf(owner.id)).toMatchObject({ email: owner.email });
  });

  test('given a thief who deletes the account after the undo, then the account stays', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { owner, thief, link } = await stolen();
      const [undone, deleted] = await Promise.all([
        undo(link),
        replica('DELETE', '/users/me', { token: thief }),
      ]);
      const expected = undone.status === 200 ? [200, 403] : [400, 200];
      expect([undone.status, deleted.status]).toEqual(expected);
      const { status } = await auth('GET', `/users/${owner.id}`, { token: admin });
      expect(status).toBe(undone.status === 200 ? 200 : 404);
    }
  });
});
