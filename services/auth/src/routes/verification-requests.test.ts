import { describe, expect, test } from 'vitest';
import { adminUpdates, newEmail, PASSWORD, signUp } from '../../../../tests/support/accounts.ts';
import { logIn } from '../../../../tests/support/client.ts';
import { allWishesTold, eventsAbout } from '../../../../tests/support/events.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import {
  cookieOf,
  logInBrowser,
  logInOffline,
  refresh,
  refreshByCookie,
} from '../../../../tests/support/sessions.ts';
import { NEXT, notVerified, verificationFixture } from '../../test/verification-kit.ts';

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
  askedBy,
  lastEvent,
  linkOf,
  recoveryToken,
} = await verificationFixture();

describe('asking for a verification link', () => {
  const answered = {
    status: 200,
    body: { message: 'If that email is registered and not verified, we sent a verification link' },
  };
  const asked = async (id: string) =>
    (await eventsAbout(bed, 'users', id)).filter(({ event }) => event.type === 'user.verification-requested');

  test('given any address, then the answers are equal, and only an active user who is not verified has an event', async () => {
    const [open, inactive, done] = [await signUp(optional), await signUp(optional), await signUp(optional)];
    await adminUpdates(optional, admin, inactive.id, { is_active: false });
    await verify(await linkOf(done.id));
    const others = [inactive.email, done.email, 'nobody@example.com', 'no address', 'a@b', 'x'.repeat(300)];
    for (const email of [open.email, ` ${open.email.toUpperCase()} `, ...others]) {
      expect(await ask(email), email).toMatchObject(answered);
      await allWishesTold(bed);
    }
    expect((await asked(open.id)).map(({ event }) => event.data)).toEqual([
      { user_id: open.id, email: open.email },
      { user_id: open.id, email: open.email },
    ]);
    expect([await asked(inactive.id), await asked(done.id)]).toEqual([[], []]);
    expect(await verify(await linkOf(open.id, 'user.verification-requested'))).toMatchObject({
      body: { id: open.id, is_verified: true },
    });
  });

  test('given EMAIL_VERIFICATION=off, then the answer is the same, and there is no event and no link', async () => {
    const { id, email, is_verified } = await signUp(off);
    expect(is_verified).toBe(false);
    expect(await ask(email, off)).toMatchObject(answered);
    await expect.poll(() => bed.database.db.collection('verification_requests').countDocuments()).toBe(0);
    expect((await eventsAbout(bed, 'users', id)).map(({ event }) => event.type)).toEqual(['user.created']);
    expect(await askedBy('verification', (await lastEvent(id, 'user.created')).id, id)).toEqual({
      found: false,
    });
    expect((await enter(off, email)).status).toBe(200);
  });

  test('given the limit of recoveries, then requests for either link count together', async () => {
    const limits = {
      RATE_LIMITS: 'on',
      LIMIT_RECOVERIES_PER_EMAIL: '2/hour',
      EMAIL_VERIFICATION: 'optional',
    };
    const { client } = await runAuth(bed, limits);
    const email = newEmail();
    expect((await ask(email, client)).status).toBe(200);
    expect((await client('POST', `/password-recovery/${email}`)).status).toBe(200);
    const refused = await ask(email, client);
    expect([refused.status, refused.body]).toEqual([429, { detail: 'Too many requests' }]);
  });
});

describe('given EMAIL_VERIFICATION=required', () => {
  test('when an unverified user logs in, then 400 on every route, only after the right password', async () => {
    const { id, email } = await signUp(required);
    const routes = (password: string) => [
      enter(required, email, password),
      required('POST', '/login/access-token', {
        form: { username: email, password, scope: 'offline_access' },
      }),
      required('POST', '/sessions/', { body: { username: email, password } }),
    ];
    for (const answer of await Promise.all(routes(PASSWORD))) expect(answer).toMatchObject(notVerified);
    for (const answer of await Promise.all(routes('wrong password'))) {
      expect(answer).toMatchObject({ status: 400, body: { detail: 'Incorrect email or password' } });
    }
    await adminUpdates(required, admin, id, { is_active: false });
    expect(await enter(required, email)).toMatchObject({ body: { detail: 'Inactive user' } });
    await adminUpdates(required, admin, id, { is_active: true });
    expect((await verify(await linkOf(id), required)).status).toBe(200);
    for (const answer of await Promise.all(routes(PASSWORD))) expect(answer.status).toBe(200);
  });

  test('when an unverified user refreshes, then 400; the session lives on and refreshes once it is verified', async () => {
    const { id, email } = await signUp(optional);
    const { refresh_token } = await logInOffline(optional, email);
    const { cookie } = await logInBrowser(optional, email);
    expect(await refresh(required, refresh_token)).toMatchObject(notVerified);
    const refused = await refreshByCookie(required, cookie);
    expect(refused).toMatchObject(notVerified);
    expect(cookieOf(refused)).toBe('');
    await verify(await linkOf(id));
    expect((await refresh(required, refresh_token)).status).toBe(200);
    expect((await refreshByCookie(required, cookie)).status).toBe(200);
  });

  test('when an administrator changes an address, then it is not verified, and a link goes to the new one', async () => {
    const { id } = await signUp(required);
    await verify(await linkOf(id), required);
    const email = newEmail();
    await adminUpdates(required, admin, id, { email });
    expect(await userOf(id)).toMatchObject({ email, is_verified: false });
    expect(await enter(required, email)).toMatchObject(notVerified);
    const event = await lastEvent(id, 'user.updated');
    expect(event.data).toMatchObject({ email, changed: ['email', 'is_verified'], is_verified: false });
    await verify(await linkOf(id, 'user.updated'), required);
    expect((await enter(required, email)).status).toBe(200);
  });

  test('when a user changes the own address, then their session lives on, and the next login needs the link', async () => {
    const { id, email } = await signUp(required);
    await verify(await linkOf(id), required);
    const token = await logIn(required, email, PASSWORD);
    const next = newEmail();
    const answer = await required('PATCH', '/users/me', { token, body: { email: next } });
    expect(answer.body).toMatchObject({ email: next, is_verified: false });
    expect((await required('GET', '/users/me', { token })).status).toBe(200);
    expect(await enter(required, next)).toMatchObject(notVerified);
    await verify(await linkOf(id, 'user.updated'), required);
    expect((await enter(required, next)).status).toBe(200);
  });

  test('when only the name, the role or the spelling of the address changes, then it stays verified', async () => {
    const { id, email } = await signUp(required);
    await verify(await linkOf(id), required);
    const same = { email: email.toUpperCase(), full_name: 'New', is_superuser: true };
    await adminUpdates(required, admin, id, same);
    await adminUpdates(required, admin, id, { is_superuser: false, password: NEXT });
    expect(await isVerified(id)).toBe(true);
  });

  test('when an unverified user recovers, then the reset verifies', async () => {
    const { id, email } = await signUp(required);
    expect((await reset(await recoveryToken(email), required)).status).toBe(200);
    expect(await isVerified(id)).toBe(true);
    expect((await enter(required, email, NEXT)).status).toBe(200);
    const types = (await eventsAbout(bed, 'users', id)).map(({ event }) => event.type);
    expect(types).toEqual(['user.created', 'user.updated', 'password.changed']);
  });
});
