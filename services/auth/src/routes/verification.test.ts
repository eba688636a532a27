import { requestLink } from '@quartet/common/events/user-request.ts';
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
import { ADMIN, type Client, logIn } from '../../../../tests/support/client.ts';
import { allWishesTold, documentOf, eventsAbout } from '../../../../tests/support/events.ts';
import { forge, shownLink } from '../../../../tests/support/forged-tokens.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import {
  cookieOf,
  logInBrowser,
  logInOffline,
  refresh,
  refreshByCookie,
} from '../../../../tests/support/sessions.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
/** auth with each value of EMAIL_VERIFICATION, on one database. */
let off: Client;
let optional: Client;
let required: Client;
let admin: string;

beforeAll(async () => {
  bed = await startTestbed();
  off = (await runAuth(bed)).client;
  optional = (await runAuth(bed, { EMAIL_VERIFICATION: 'optional' })).client;
  required = (await runAuth(bed, { EMAIL_VERIFICATION: 'required' })).client;
  admin = await logInAdmin(required);
});
afterAll(() => bed.stop());

const HOUR_MS = 3_600_000;
const NEXT = 'password2';
const invalid = { status: 400, body: { detail: 'Invalid token' } };
const notVerified = { status: 400, body: { detail: 'Email not verified' } };

const verify = (token: string, client = optional) =>
  client('POST', '/users/verify-email', { body: { token } });
const ask = (email: string, client = optional) =>
  client('POST', '/users/verification-email', { body: { email } });
const enter = (client: Client, username: string, password = PASSWORD) =>
  client('POST', '/login/access-token', { form: { username, password } });
const userOf = async (id: string) =>
  (await optional('GET', `/users/${id}`, { token: admin })).body as UserBody;
const isVerified = async (id: string) => (await userOf(id)).is_verified;
const reset = (token: string, client = optional) =>
  client('POST', '/reset-password/', { body: { token, new_password: NEXT } });
const make = async (client: Client, path: string, body: object) => {
  const answer = await client('POST', path, { token: admin, body: { password: PASSWORD, ...body } });
  expect(answer.status).toBe(200);
  return answer.body as UserBody;
};
const store = (id: string, change: object) =>
  bed.database.db.collection('users').updateOne({ _id: new ObjectId(id) }, change);
const askedBy = (by: 'event' | 'verification' | 'email-change', event_id: string, user_id: string) =>
  requestLink(bed.broker, { by, event_id, user_id });

async function lastEvent(id: string, type: string) {
  const found = (await eventsAbout(bed, 'users', id)).findLast(({ event }) => event.type === type);
  return found?.event ?? expect.fail(`no ${type}`);
}

/** The token of the link in the e-mail that goes out on the user's last event of a type. */
async function linkOf(id: string, type = 'user.created'): Promise<string> {
  const reply = await askedBy('verification', (await lastEvent(id, type)).id, id);
  if (!reply.found) throw new Error(`no link on ${type}`);
  return reply.token;
}

async function recoveryToken(email: string): Promise<string> {
  const reply = await requestLink(bed.broker, shownLink(bed, email));
  if (!reply.found) throw new Error(`no link for ${email}`);
  return reply.token;
}

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
