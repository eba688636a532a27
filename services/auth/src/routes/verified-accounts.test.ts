import { describe, expect, test } from 'vitest';
import { adminUpdates, newEmail, PASSWORD, signUp } from '../../../../tests/support/accounts.ts';
import { type Client, logIn } from '../../../../tests/support/client.ts';
import { allWishesTold, documentOf } from '../../../../tests/support/events.ts';
import { logInOffline, refresh } from '../../../../tests/support/sessions.ts';
import { invalid, NEXT, notVerified, verificationFixture } from '../../test/verification-kit.ts';

const {
  bed,
  off,
  optional,
  required,
  admin,
  verify,
  ask,
  enter,
  userOf,
  isVerified,
  reset,
  make,
  store,
  askedBy,
  lastEvent,
  linkOf,
  recoveryToken,
} = await verificationFixture();

describe('a user of the last release, whose document has none of the fields', () => {
  const age = (id: string) =>
    store(id, { $unset: { is_verified: '', verified_version: '', verify_grants: '' } });

  test('given an ordinary one, then it is not verified, and becomes so by a link or a reset', async () => {
    const [one, other] = [await signUp(off), await signUp(off)];
    for (const { id, email } of [one, other]) {
      await age(id);
      expect(await isVerified(id)).toBe(false);
      expect(await enter(required, email)).toMatchObject(notVerified);
      expect((await enter(optional, email)).status).toBe(200);
    }
    await ask(one.email, required);
    await allWishesTold(bed);
    await verify(await linkOf(one.id, 'user.verification-requested'), required);
    expect((await enter(required, one.email)).status).toBe(200);
    await reset(await recoveryToken(other.email), required);
    expect((await enter(required, other.email, NEXT)).status).toBe(200);
  });

  test('given a superuser, then it is verified, and stays what it is when its role changes', async () => {
    const user = await make(off, '/users/', { email: newEmail(), is_superuser: true });
    await age(user.id);
    expect((await enter(required, user.email)).status).toBe(200);
    await adminUpdates(required, admin, user.id, { is_superuser: false });
    expect(await isVerified(user.id)).toBe(true);
    const ordinary = await signUp(off);
    await age(ordinary.id);
    await adminUpdates(required, admin, ordinary.id, { is_superuser: true });
    expect(await isVerified(ordinary.id)).toBe(false);
  });

  test('given an auth of the last release changes a verified address, then the new one is not verified', async () => {
    const { id } = await signUp(optional);
    await verify(await linkOf(id));
    const moved = { $set: { email: newEmail() }, $inc: { email_version: 1, revision: 1 } };
    await store(id, moved);
    expect(await documentOf(bed, 'users', id)).toMatchObject({ is_verified: true });
    expect(await isVerified(id)).toBe(false);
  });
});

describe('somebody who signs up with another’s address', () => {
  async function attacked() {
    const { id, email } = await signUp(optional);
    const { access_token, refresh_token } = await logInOffline(optional, email);
    return { id, email, access_token, refresh_token };
  }

  test('given the owner resets, then every session and the password of the attacker are dead', async () => {
    const { id, email, access_token, refresh_token } = await attacked();
    expect((await reset(await recoveryToken(email))).status).toBe(200);
    expect((await optional('GET', '/users/me', { token: access_token })).status).toBe(403);
    expect((await refresh(optional, refresh_token)).status).toBe(400);
    expect((await enter(optional, email)).status).toBe(400);
    expect((await enter(required, email, NEXT)).status).toBe(200);
    expect(await isVerified(id)).toBe(true);
  });

  test('given the owner verifies first, then a reset still takes everything from the attacker', async () => {
    const { id, email, access_token, refresh_token } = await attacked();
    expect((await verify(await linkOf(id))).status).toBe(200);
    expect((await reset(await recoveryToken(email))).status).toBe(200);
    expect((await optional('GET', '/users/me', { token: access_token })).status).toBe(403);
    expect((await refresh(optional, refresh_token)).status).toBe(400);
    expect((await enter(optional, email)).status).toBe(400);
  });

  async function undoToken(id: string): Promise<string> {
    const reply = await askedBy('email-change', (await lastEvent(id, 'user.updated')).id, id);
    return reply.found ? reply.token : expect.fail('no link');
  }
  const undo = (token: string, client = optional) =>
    client('POST', '/users/undo-email-change', { body: { token } });

  /** An account whose address has become the victim's. */
  async function moved({ verified, client = optional }: { verified: boolean; client?: Client }) {
    const { id, email } = await signUp(client);
    if (verified) await verify(await linkOf(id), client);
    const token = await logIn(client, email, PASSWORD);
    const victim = newEmail();
    await client('PATCH', '/users/me', { token, body: { email: victim } });
    return { id, email, victim, link: await undoToken(id) };
  }

  test.each(['a reset', 'the link'])(
    'given a former address that nobody verified, when the new one is verified by %s, then the former cannot take it back',
    async (by) => {
      const { id, victim, link } = await moved({ verified: false });
      const used =
        by === 'a reset' ? reset(await recoveryToken(victim)) : verify(await linkOf(id, 'user.updated'));
      expect((await used).status).toBe(200);
      expect(await undo(link)).toMatchObject(invalid);
      expect(await userOf(id)).toMatchObject({ email: victim, is_verified: true });
    },
  );

  test('given nobody has verified either address, then the former one is restored, and verified by its link', async () => {
    const { id, email, link } = await moved({ verified: false });
    expect(await undo(link)).toMatchObject({ status: 200, body: { email, is_verified: true } });
    expect((await lastEvent(id, 'user.updated')).data).toMatchObject({ changed: ['email', 'is_verified'] });
  });

  test('given a former address that was verified, then its owner has the account again, no matter who verified the new one', async () => {
    const { email, victim, link } = await moved({ verified: true });
    expect((await reset(await recoveryToken(victim))).status).toBe(200);
    expect(await undo(link)).toMatchObject({ status: 200, body: { email, is_verified: true } });
  });

  test('given EMAIL_VERIFICATION=off, then a former address is restored as before', async () => {
    const { email, victim, link } = await moved({ verified: false, client: off });
    expect((await reset(await recoveryToken(victim), off)).status).toBe(200);
    expect(await undo(link, off)).toMatchObject({ status: 200, body: { email } });
  });
});
