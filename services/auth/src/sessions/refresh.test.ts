import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminUpdates, logInAdmin, newEmail, newMember, signUp } from '../../../../tests/support/accounts.ts';
import { logIn } from '../../../../tests/support/client.ts';
import { allPublished, eventsAbout } from '../../../../tests/support/events.ts';
import {
  addressesOf,
  type Running,
  runAuth,
  runGateway,
  runItems,
} from '../../../../tests/support/services.ts';
import {
  claimsOf,
  invalidRefreshToken,
  logInOffline,
  refresh,
  refreshed,
} from '../../../../tests/support/sessions.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { nobodyAt } from '../../../../tests/support/third-party.ts';
import type { StoredSession } from './stored-session.ts';

let bed: Testbed;
let auth: Running;
let replica: Running;
let items: Running;
let gateway: Running;

beforeAll(async () => {
  bed = await startTestbed();
  auth = await runAuth(bed);
  replica = await runAuth(bed);
  items = await runItems(bed, auth);
  const NOTIFIER_URL = await nobodyAt();
  gateway = await runGateway(bed, { ...addressesOf({ auth, items }), NOTIFIER_URL }, ['/emails']);
});
afterAll(() => bed.stop());

const sessions = () => bed.database.db.collection<StoredSession>('sessions');
const storedAs = (token: string) => sessions().findOne({ _id: new ObjectId(claimsOf(token).sid) });
const statusOf = async ({ client }: Running, token: string) =>
  (await client('GET', '/users/me', { token })).status;

/** Moves what the session remembers into the past. */
async function elapse(token: string, ms: number): Promise<void> {
  const session = (await storedAs(token)) ?? expect.fail();
  const back = (at: Date) => new Date(at.getTime() - ms);
  const rotations = session.rotations.map((one) => ({ ...one, at: back(one.at) }));
  await sessions().updateOne({ _id: session._id }, { $set: { rotations } });
}

async function newOffline() {
  const email = newEmail();
  const { id } = await signUp(auth.client, email);
  return { id, email, ...(await logInOffline(gateway.client, email)) };
}

describe('a login', () => {
  test('given no scope, then it is the template’s, and says how long the token lives', async () => {
    const email = newEmail();
    await signUp(auth.client, email);
    const answer = await gateway.client('POST', '/login/access-token', {
      form: { username: email, password: 'password1' },
    });
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 8 * 24 * 3_600,
    });
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test('given offline_access, then there is a short access token and a refresh token, of which only a digest is stored', async () => {
    const { access_token, refresh_token, expires_in, token_type } = await newOffline();
    const { iat, exp } = claimsOf(access_token);
    expect([expires_in, token_type, exp - iat]).toEqual([900, 'bearer', 900]);
    expect(refresh_token).toMatch(/^[\w-]{84}$/);
    const stored = JSON.stringify(await storedAs(access_token));
    const bytes = Buffer.from(refresh_token, 'base64url').subarray(16, 48);
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(stored).not.toContain(bytes.toString(encoding).replaceAll('=', ''));
    }
  });
});

describe('a refresh', () => {
  test('given a refresh token, then both tokens are new and belong to the same session, at any replica', async () => {
    const first = await newOffline();
    const second = await refreshed(gateway.client, first.refresh_token);
    const third = await refreshed(replica.client, second.refresh_token);
    expect(claimsOf(third.access_token).sid).toBe(claimsOf(first.access_token).sid);
    expect(new Set([first, second, third].map(({ refresh_token }) => refresh_token)).size).toBe(3);
    for (const { access_token } of [first, second, third]) {
      expect(await statusOf(gateway, access_token)).toBe(200);
    }
    expect(third.expires_in).toBe(900);
  });

  test('given a token that was used a moment ago, then the answer is the same successor, also two rotations later', async () => {
    const first = await newOffline();
    const second = await refreshed(auth.client, first.refresh_token);
    const again = await refreshed(replica.client, first.refresh_token);
    expect(again.refresh_token).toBe(second.refresh_token);
    const third = await refreshed(auth.client, second.refresh_token);
    expect((await refreshed(replica.client, first.refresh_token)).refresh_token).toBe(third.refresh_token);
    expect(await statusOf(gateway, again.access_token)).toBe(200);
  });

  test('given 30 refreshes with one token at once on two replicas, then all have the same successor', async () => {
    const { refresh_token } = await newOffline();
    const all = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        refreshed(n % 2 === 0 ? auth.client : replica.client, refresh_token),
      ),
    );
    const [successor = '', ...others] = new Set(all.map((answer) => answer.refresh_token));
    expect(others).toEqual([]);
    await refreshed(auth.client, successor);
  });

  test.each([0, 3])(
    'given a token that was used longer ago, %i rotations before, then the session ends everywhere, and its owner gets an e-mail’s event',
    async (rotations) => {
      const first = await newOffline();
      let last = await refreshed(auth.client, first.refresh_token);
      for (let n = 0; n < rotations; n += 1) last = await refreshed(auth.client, last.refresh_token);
      await elapse(last.access_token, 10_001);
      expect(await refresh(gateway.client, first.refresh_token)).toMatchObject(invalidRefreshToken);
      for (const at of [auth, replica, items, gateway]) {
        const ask = () =>
          at.client('GET', at === items ? '/items/' : '/users/me', { token: last.access_token });
        await expect.poll(ask).toMatchObject({ status: 403 });
      }
      expect(await refresh(replica.client, last.refresh_token)).toMatchObject(invalidRefreshToken);
      const stolen = (await eventsAbout(bed, 'sessions', first.id)).filter(
        ({ event }) => event.type === 'user.session-stolen',
      );
      const { sid } = claimsOf(first.access_token);
      expect(stolen.map(({ event }) => event.data)).toEqual([
        { user_id: first.id, email: first.email, session_id: sid, until: expect.any(Number) },
      ]);
      await allPublished(bed, 'sessions');
      expect(await sessions().findOne({ _id: new ObjectId(sid) })).toBeNull();
      expect((await logInOffline(auth.client, first.email)).expires_in).toBe(900);
    },
  );

  test('given a session that has lived its days, then its tokens end with it', async () => {
    const first = await newOffline();
    const { _id } = (await storedAs(first.access_token)) ?? expect.fail();
    const day = 86_400_000;
    const loginAt = new Date(Date.now() - 180 * day + 60_000);
    await sessions().updateOne({ _id }, { $set: { created_at: loginAt } });
    const last = await refreshed(auth.client, first.refresh_token);
    expect(last.expires_in).toBeLessThanOrEqual(60);
    expect((await storedAs(last.access_token))?.expires_at.getTime()).toBe(loginAt.getTime() + 180 * day);
    await sessions().updateOne({ _id }, { $set: { expires_at: new Date() } });
    expect(await refresh(auth.client, last.refresh_token)).toMatchObject(invalidRefreshToken);
  });
});

describe('what ends tokens ends refresh tokens', () => {
  test('given a logout, then the refresh token is invalid', async () => {
    const { access_token, refresh_token } = await newOffline();
    expect((await gateway.client('POST', '/logout', { token: access_token })).status).toBe(200);
    expect(await refresh(replica.client, refresh_token)).toMatchObject(invalidRefreshToken);
  });

  test('given a new password, then only the session that set it lives on', async () => {
    const { email, access_token, refresh_token } = await newOffline();
    const other = await logInOffline(auth.client, email);
    const body = { current_password: 'password1', new_password: 'password2' };
    const changed = await auth.client('PATCH', '/users/me/password', { token: access_token, body });
    expect(changed.status).toBe(200);
    expect(await refresh(replica.client, other.refresh_token)).toMatchObject(invalidRefreshToken);
    const next = await refreshed(replica.client, refresh_token);
    expect(await statusOf(gateway, next.access_token)).toBe(200);
    await expect
      .poll(() => sessions().findOne({ _id: new ObjectId(claimsOf(other.access_token).sid) }))
      .toBeNull();
  });

  test('given the document of an ended session that a crash left, then its refresh token is invalid and it is not listed', async () => {
    const { email, access_token, refresh_token } = await newOffline();
    const left = (await storedAs(access_token)) ?? expect.fail();
    const other = await logInOffline(auth.client, email);
    const body = { current_password: 'password1', new_password: 'password2' };
    await auth.client('PATCH', '/users/me/password', { token: other.access_token, body });
    await expect.poll(() => storedAs(access_token)).toBeNull();
    await sessions().insertOne(left);
    expect(await refresh(replica.client, refresh_token)).toMatchObject(invalidRefreshToken);
    const listed = await gateway.client('GET', '/sessions/', { token: other.access_token });
    expect(listed.body).toMatchObject({ count: 1, data: [{ is_current: true }] });
    const end = await gateway.client('DELETE', `/sessions/${left._id}`, { token: other.access_token });
    expect(end).toMatchObject({ status: 404 });
  });

  test('given an admin who sets a password, then the refresh token is invalid', async () => {
    const admin = await logInAdmin(auth.client);
    const { id, refresh_token } = await newOffline();
    await adminUpdates(auth.client, admin, id, { password: 'password2' });
    expect(await refresh(replica.client, refresh_token)).toMatchObject(invalidRefreshToken);
  });

  test('given a deactivated user, then a refresh says so, and works after a reactivation', async () => {
    const admin = await logInAdmin(auth.client);
    const { id, refresh_token } = await newOffline();
    await adminUpdates(auth.client, admin, id, { is_active: false });
    const inactive = { status: 400, body: { detail: 'Inactive user' } };
    expect(await refresh(gateway.client, refresh_token)).toMatchObject(inactive);
    await adminUpdates(auth.client, admin, id, { is_active: true });
    await refreshed(gateway.client, refresh_token);
  });

  test('given a demotion, then a refreshed token has the new role', async () => {
    const admin = await logInAdmin(auth.client);
    const { id, refresh_token } = await newOffline();
    await adminUpdates(auth.client, admin, id, { is_superuser: true });
    const promoted = await refreshed(auth.client, refresh_token);
    const list = (token: string) => gateway.client('GET', '/users/', { token });
    expect((await list(promoted.access_token)).status).toBe(200);
    await adminUpdates(auth.client, admin, id, { is_superuser: false });
    const demoted = await refreshed(replica.client, promoted.refresh_token);
    expect((await list(demoted.access_token)).status).toBe(403);
  });

  test('given a deleted user, then the refresh token is invalid, and nothing of the sessions is left', async () => {
    const { id, access_token, refresh_token } = await newOffline();
    expect((await auth.client('DELETE', '/users/me', { token: access_token })).status).toBe(200);
    expect(await refresh(replica.client, refresh_token)).toMatchObject(invalidRefreshToken);
    await expect.poll(() => sessions().countDocuments({ user_id: new ObjectId(id) })).toBe(0);
  });
});

describe('what is no refresh token', () => {
  test('given a changed, foreign or endless token, then it is invalid, and the session lives on', async () => {
    const mine = await newOffline();
    const { refresh_token: token } = mine;
    const other = await newOffline();
    const elsewhere = await runAuth(bed, { SECRET_KEY: 'the secret key of another installation' });
    const foreign = await logInOffline(elsewhere.client, mine.email);
    const swapped = token.replace(/[a-z]/gi, (c) =>
      c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase(),
    );
    const mixed = other.refresh_token.slice(0, 16) + token.slice(16);
    const wrong = [
      ...[token.slice(0, -1), token.slice(1), `${token}A`, ` ${token}`, swapped, token.toLowerCase(), mixed],
      ...[foreign.refresh_token, mine.access_token, 'x', 'x'.repeat(99_900), token.repeat(1_000)],
      ...[`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`, `${token}=`, `${token.slice(0, 83)}/`],
    ];
    for (const text of wrong) {
      expect(await refresh(gateway.client, text), text.slice(0, 100)).toMatchObject(invalidRefreshToken);
    }
    expect(await refresh(gateway.client, 'x'.repeat(100_000))).toMatchObject({ status: 413 });
    await refreshed(gateway.client, token);
    await refreshed(gateway.client, other.refresh_token);
  });

  test('given no refresh token, or another grant, then the answer says what is missing', async () => {
    const send = (form: Record<string, string>) => gateway.client('POST', '/login/access-token', { form });
    const missing = (name: string) => ({
      ...{ type: 'missing', loc: ['body', name], msg: 'Field required', input: null },
    });
    expect((await send({ grant_type: 'refresh_token' })).body).toEqual({
      detail: [missing('refresh_token')],
    });
    expect((await send({ grant_type: 'refresh_token', refresh_token: '' })).body).toEqual({
      detail: [missing('refresh_token')],
    });
    expect((await send({ grant_type: 'password' })).body).toEqual({
      detail: [missing('username'), missing('password')],
    });
    const { body } = await send({ grant_type: 'refresh', username: 'x' });
    const ctx = { pattern: '^password$' };
    const msg = "String should match pattern '^password$'";
    expect(body).toEqual({
      detail: [
        { type: 'string_pattern_mismatch', loc: ['body', 'grant_type'], msg, input: 'refresh', ctx },
        missing('password'),
      ],
    });
  });

  test('given the template’s login, then its session has no refresh token to guess', async () => {
    const { email } = await newMember(auth.client);
    const sid = claimsOf(await logIn(auth.client, email, 'password1')).sid;
    expect(await sessions().findOne({ _id: new ObjectId(sid) })).toMatchObject({ token_digest: null });
  });
});
