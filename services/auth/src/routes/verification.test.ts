import { describe, expect, test } from 'vitest';
import { adminUpdates, newEmail, PASSWORD, signUp } from '../../../../tests/support/accounts.ts';
import { ADMIN, logIn } from '../../../../tests/support/client.ts';
import { allWishesTold, eventsAbout } from '../../../../tests/support/events.ts';
import { forge } from '../../../../tests/support/forged-tokens.ts';
import { HOUR_MS, invalid, NEXT, notVerified, verificationFixture } from '../../test/verification-kit.ts';

const {
  bed,
  optional,
  required,
  admin,
  verify,
  enter,
  isVerified,
  reset,
  make,
  store,
  askedBy,
  lastEvent,
  linkOf,
  recoveryToken,
} = await verificationFixture();

describe('a new user', () => {
  test('given a sign-up, then the address is not verified until its link is used, which may be used again', async () => {
    const user = await signUp(optional);
    expect(user.is_verified).toBe(false);
    const token = await linkOf(user.id);
    for (let n = 0; n < 2; n += 1) {
      expect(await verify(token)).toMatchObject({
        status: 200,
        body: { id: user.id, email: user.email, is_verified: true },
      });
    }
    const events = (await eventsAbout(bed, 'users', user.id)).map(({ event }) => event);
    expect(events.map(({ type }) => type)).toEqual(['user.created', 'user.updated']);
    expect(events[1]?.data).toMatchObject({ changed: ['is_verified'], is_verified: true });
  });

  test('given an administrator made it, then the invitation verifies', async () => {
    const user = await make(required, '/users/', { email: newEmail() });
    expect(user.is_verified).toBe(false);
    expect(await enter(required, user.email)).toMatchObject(notVerified);
    const invitation = await askedBy('event', (await lastEvent(user.id, 'user.created')).id, user.id);
    expect((await reset(invitation.found ? invitation.token : '', required)).status).toBe(200);
    expect(await isVerified(user.id)).toBe(true);
    expect((await enter(required, user.email, NEXT)).status).toBe(200);
  });

  test.each([true, false, undefined])(
    'given is_verified %s at /private/users/, then it is so',
    async (said) => {
      const body = { email: newEmail(), full_name: 'P', is_verified: said };
      const user = await make(required, '/private/users/', body);
      expect(user.is_verified).toBe(said === true);
      expect((await enter(required, user.email)).status).toBe(said ? 200 : 400);
    },
  );

  test('given the first superuser, then it is verified and may log in', async () => {
    const token = await logIn(required, ADMIN.email, ADMIN.password);
    expect((await required('GET', '/users/me', { token })).body).toMatchObject({ is_verified: true });
  });
});

describe('a verification link', () => {
  test('given the address has changed, then it is dead, also when the address comes back', async () => {
    const { id, email } = await signUp(optional);
    const token = await linkOf(id);
    await adminUpdates(optional, admin, id, { email: newEmail() });
    expect(await verify(token)).toMatchObject(invalid);
    await adminUpdates(optional, admin, id, { email });
    expect(await verify(token)).toMatchObject(invalid);
    expect(await isVerified(id)).toBe(false);
    expect((await verify(await linkOf(id, 'user.updated'))).status).toBe(200);
  });

  test('given EMAIL_RESET_TOKEN_EXPIRE_HOURS have passed since the event, then there is none', async () => {
    const { id } = await signUp(optional);
    const { id: eventId } = await lastEvent(id, 'user.created');
    const age = (hours: number) =>
      store(id, { $set: { 'verify_grants.0.at': new Date(Date.now() - hours * HOUR_MS) } });
    await age(47);
    expect(await askedBy('verification', eventId, id)).toMatchObject({ found: true, valid_hours: 1 });
    await age(48);
    expect(await askedBy('verification', eventId, id)).toEqual({ found: false });
  });

  test('given a token of another purpose, user, key or age, then it is refused', async () => {
    const { id, email } = await signUp(optional);
    const token = await linkOf(id);
    const claims = { aud: 'quartet:verification', sub: id, ver: 0 };
    const ago = Math.floor(Date.now() / 1000) - 60;
    const wrong = [
      '',
      'x',
      `${token}x`,
      token.slice(0, -4),
      await logIn(optional, email, PASSWORD),
      await recoveryToken(email),
      forge(bed, { ...claims, aud: 'quartet:link' }),
      forge(bed, { ...claims, aud: 'quartet:undo' }),
      forge(bed, { ...claims, ver: 1 }),
      forge(bed, { ...claims, ver: undefined }),
      forge(bed, { ...claims, sub: 'f'.repeat(24) }),
      forge(bed, { ...claims, iat: ago - 1, exp: ago }),
      forge({ ...bed, env: { SECRET_KEY: 'another secret key of another installation' } }, claims),
    ];
    for (const each of wrong) expect(await verify(each), each).toMatchObject(invalid);
    expect(await isVerified(id)).toBe(false);
    expect((await verify(forge(bed, claims))).status).toBe(200);
  });

  test('given a verification token, then it sets no password, undoes no change and is no access token', async () => {
    const { id, email } = await signUp(optional);
    const token = await linkOf(id);
    expect(await reset(token)).toMatchObject(invalid);
    expect(await optional('POST', '/users/undo-email-change', { body: { token } })).toMatchObject(invalid);
    expect((await optional('GET', '/users/me', { token })).status).toBe(403);
    expect((await enter(optional, email)).status).toBe(200);
  });

  test('given the event of a verification, then it is good for no other link, and the other way round', async () => {
    const { id, email } = await signUp(optional);
    const created = await lastEvent(id, 'user.created');
    expect(await askedBy('event', created.id, id)).toEqual({ found: false });
    expect(await askedBy('email-change', created.id, id)).toEqual({ found: false });
    await optional('POST', `/password-recovery/${email}`);
    await allWishesTold(bed);
    const requested = await lastEvent(id, 'password.reset-requested');
    expect(await askedBy('verification', requested.id, id)).toEqual({ found: false });
    const { id: other } = await signUp(optional);
    expect(await askedBy('verification', created.id, other)).toEqual({ found: false });
  });

  test('given the user is verified or deleted by now, then there is no link any more, and a used one does nothing', async () => {
    const { id } = await signUp(optional);
    const created = await lastEvent(id, 'user.created');
    const token = await linkOf(id);
    await verify(token);
    expect(await askedBy('verification', created.id, id)).toEqual({ found: false });
    await optional('DELETE', `/users/${id}`, { token: admin });
    expect(await verify(token)).toMatchObject(invalid);
  });

  test('given a new password meanwhile, then the link is still good', async () => {
    const { id } = await signUp(optional);
    const token = await linkOf(id);
    await adminUpdates(optional, admin, id, { password: NEXT });
    expect(await verify(token)).toMatchObject({ body: { is_verified: true } });
  });

  test('given 20 uses at once, then all are 200, and one event says so', async () => {
    const { id } = await signUp(optional);
    const token = await linkOf(id);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => verify(token, n % 2 === 0 ? optional : required)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const events = await eventsAbout(bed, 'users', id);
    expect(events.filter(({ event }) => event.type === 'user.updated')).toHaveLength(1);
  });
});
