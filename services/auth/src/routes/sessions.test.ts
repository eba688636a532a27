import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  adminUpdates,
  logInAdmin,
  newEmail,
  newMember,
  PASSWORD,
  signUp,
} from '../../../../tests/support/accounts.ts';
import { logIn } from '../../../../tests/support/client.ts';
import {
  addressesOf,
  type Running,
  runAuth,
  runGateway,
  runItems,
} from '../../../../tests/support/services.ts';
import {
  claimsOf,
  cookieOf,
  invalidRefreshToken,
  listSessions,
  logInBrowser,
  logInOffline,
  refresh,
  refreshByCookie,
  refreshed,
  setCookie,
} from '../../../../tests/support/sessions.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { nobodyAt } from '../../../../tests/support/third-party.ts';
import type { StoredSession } from '../sessions/stored-session.ts';

const FRONTEND = 'https://app.example';
const TRUSTED = { TRUSTED_PROXIES: '127.0.0.1' };

let bed: Testbed;
let auth: Running;
let replica: Running;
let items: Running;
let gateway: Running;

beforeAll(async () => {
  bed = await startTestbed();
  const env = { ...TRUSTED, FRONTEND_HOST: FRONTEND, BACKEND_CORS_ORIGINS: 'http://localhost:5173' };
  auth = await runAuth(bed, env);
  replica = await runAuth(bed, env);
  items = await runItems(bed, auth);
  const NOTIFIER_URL = await nobodyAt();
  gateway = await runGateway(bed, { ...env, ...addressesOf({ auth, items }), NOTIFIER_URL }, ['/emails']);
});
afterAll(() => bed.stop());

const notValid = { status: 403, body: { detail: 'Could not validate credentials' } };
const sessionsOf = (id: string) =>
  bed.database.db.collection<StoredSession>('sessions').find({ user_id: new ObjectId(id) });

async function newUser() {
  const email = newEmail();
  return { ...(await signUp(auth.client, email)), email };
}

/** Every process refuses the token. */
async function expectEnded(token: string): Promise<void> {
  for (const { client } of [auth, replica, gateway]) {
    await expect.poll(() => client('GET', '/users/me', { token })).toMatchObject(notValid);
  }
  await expect.poll(() => items.client('GET', '/items/', { token })).toMatchObject(notValid);
}

async function expectOpen(token: string): Promise<void> {
  for (const { client } of [auth, replica, gateway]) {
    expect((await client('GET', '/users/me', { token })).status).toBe(200);
  }
}

describe('a login from a browser', () => {
  test('given a password, then a short token is in the answer, and the refresh token in a cookie that no script reads', async () => {
    const { email } = await newUser();
    const { answer } = await logInBrowser(gateway.client, email);
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 900,
    });
    expect(setCookie(answer)).toMatch(
      /^quartet_refresh=[\w-]{84}; Max-Age=2592000; Path=\/api\/v1\/sessions; HttpOnly; SameSite=Strict$/,
    );
  });

  test.each([
    ['http', 'localhost:8000', false],
    ['http', '127.0.0.1:8000', false],
    ['http', '[::1]:8000', false],
    ['http', 'quartet.localhost', false],
    ['https', 'localhost:8000', true],
    ['https', 'api.example', true],
    ['http', 'api.example', true],
    ['http', '192.168.1.5:8000', true],
    ['http', 'localhost.evil.example', true],
    ['https, http', 'localhost', true],
  ])(
    'given %s://%s as a trusted proxy says, then the cookie is Secure: %s',
    async (proto, host, isSecure) => {
      const { email } = await newUser();
      const headers = { 'x-forwarded-proto': proto, 'x-forwarded-host': host };
      const { answer } = await logInBrowser(gateway.client, email, headers);
      expect(setCookie(answer).endsWith('; Secure')).toBe(isSecure);
    },
  );

  test('given an untrusted caller that claims plain http at this machine, then the cookie is Secure', async () => {
    const untrusting = await runAuth(bed);
    const { email } = await newUser();
    const headers = { 'x-forwarded-proto': 'http', 'x-forwarded-host': 'localhost' };
    const { answer } = await logInBrowser(untrusting.client, email, headers);
    expect(setCookie(answer)).toMatch(/; Secure$/);
    expect(setCookie((await logInBrowser(untrusting.client, email)).answer)).not.toMatch(/Secure/);
  });

  test('given wrong credentials, an inactive user, or no JSON, then it is refused as at the login, without a cookie', async () => {
    const { id, email } = await newUser();
    const send = (body: unknown) => gateway.client('POST', '/sessions/', { body });
    const wrong = await send({ username: email, password: 'password2' });
    expect(wrong).toMatchObject({ status: 400, body: { detail: 'Incorrect email or password' } });
    await adminUpdates(auth.client, await logInAdmin(auth.client), id, { is_active: false });
    const inactive = await send({ username: email, password: PASSWORD });
    expect(inactive).toMatchObject({ status: 400, body: { detail: 'Inactive user' } });
    expect((await send({ username: email })).status).toBe(422);
    const form = await gateway.client('POST', '/sessions/', {
      form: { username: email, password: PASSWORD },
    });
    expect(form.status).toBe(422);
    for (const answer of [wrong, inactive, form]) expect(answer.headers.getSetCookie()).toEqual([]);
  });
});

describe('a refresh from a browser', () => {
  test('given the cookie, then there are a new token and a new cookie', async () => {
    const { email } = await newUser();
    const { cookie, token } = await logInBrowser(gateway.client, email);
    const answer = await refreshByCookie(gateway.client, cookie);
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'bearer', expires_in: 900 } });
    expect(answer.body).not.toHaveProperty('refresh_token');
    expect(cookieOf(answer)).not.toBe(cookie);
    const { access_token } = answer.body as { access_token: string };
    expect(claimsOf(access_token).sid).toBe(claimsOf(token).sid);
    await expectOpen(access_token);
    expect((await refreshByCookie(replica.client, cookieOf(answer))).status).toBe(200);
  });

  test('given two tabs with one cookie at once, then both go on, whichever cookie arrives last', async () => {
    const { email } = await newUser();
    const { cookie } = await logInBrowser(gateway.client, email);
    const answers = await Promise.all(
      [gateway, replica].map(({ client }) => refreshByCookie(client, cookie)),
    );
    expect(new Set(answers.map(cookieOf)).size).toBe(1);
  });

  test('given no cookie, then the answer is 401', async () => {
    for (const cookie of ['', 'other=1', 'quartet_refresh=', 'xquartet_refresh=1']) {
      expect(await refreshByCookie(gateway.client, cookie)).toMatchObject({
        status: 401,
        body: { detail: 'Not authenticated' },
      });
    }
  });

  test('given a bad cookie, or two that differ, then it is invalid and cleared; the same one twice is one', async () => {
    const { email } = await newUser();
    const { cookie } = await logInBrowser(gateway.client, email);
    const other = await logInBrowser(gateway.client, (await newUser()).email);
    for (const bad of [
      'quartet_refresh=x',
      `${cookie}x`,
      `${cookie}; ${other.cookie}`,
      `x=1; ${cookie}; quartet_refresh=`,
    ]) {
      const answer = await refreshByCookie(gateway.client, bad);
      expect(answer).toMatchObject(invalidRefreshToken);
      expect(setCookie(answer)).toBe(
        'quartet_refresh=; Max-Age=0; Path=/api/v1/sessions; HttpOnly; SameSite=Strict',
      );
    }
    expect((await refreshByCookie(gateway.client, `${cookie}; a=1; ${cookie}`)).status).toBe(200);
  });

  test('given an inactive user, then the cookie stays, since it works again later', async () => {
    const { id, email } = await newUser();
    const { cookie } = await logInBrowser(gateway.client, email);
    await adminUpdates(auth.client, await logInAdmin(auth.client), id, { is_active: false });
    const answer = await refreshByCookie(gateway.client, cookie);
    expect(answer).toMatchObject({ status: 400, body: { detail: 'Inactive user' } });
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test('given an origin, then only those that CORS allows and the API’s own may refresh', async () => {
    const { email } = await newUser();
    let { cookie } = await logInBrowser(gateway.client, email);
    const refused = ['null', 'https://evil.example', 'https://sub.app.example', 'http://app.example', ''];
    refused.push(`${FRONTEND}.evil.example`, 'https://api.example:8443', new URL(auth.url).origin);
    for (const origin of refused) {
      const answer = await refreshByCookie(gateway.client, cookie, { origin });
      expect(answer, origin).toMatchObject({ status: 403, body: { detail: 'Origin not allowed' } });
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'api.example' };
    const allowed: Record<string, string>[] = [
      {},
      { origin: FRONTEND },
      { origin: 'http://localhost:5173' },
      { origin: new URL(gateway.url).origin },
      { origin: 'https://api.example', ...forwarded },
    ];
    for (const headers of allowed) {
      const answer = await refreshByCookie(gateway.client, cookie, headers);
      expect([answer.status, headers]).toEqual([200, headers]);
      cookie = cookieOf(answer);
    }
  });

  test('given a logout, then the answer clears the cookie', async () => {
    const { email } = await newUser();
    const { cookie, token } = await logInBrowser(gateway.client, email);
    const answer = await gateway.client('POST', '/logout', { token });
    expect(setCookie(answer)).toMatch(/^quartet_refresh=; Max-Age=0; Path=\/api\/v1\/sessions; /);
    expect(await refreshByCookie(replica.client, cookie)).toMatchObject(invalidRefreshToken);
  });

  test('given the cookie in place of a token, then no route takes it', async () => {
    const { email } = await newUser();
    const { cookie } = await logInBrowser(gateway.client, email);
    for (const path of ['/sessions/', '/users/me']) {
      expect((await gateway.client('GET', path, { headers: { cookie } })).status).toBe(401);
    }
  });
});

describe('the list of sessions', () => {
  test('given several logins, then each is there with its device, the last used first', async () => {
    const { id, email } = await newUser();
    const from = (address: string, agent: string) => ({ 'x-forwarded-for': address, 'user-agent': agent });
    const offline = await logInOffline(gateway.client, email, PASSWORD, from('203.0.113.1', 'a'.repeat(300)));
    const browser = await logInBrowser(gateway.client, email, from('2001:db8::1', 'Firefox/140'));
    const token = await logIn(gateway.client, email, PASSWORD);
    await refreshed(gateway.client, offline.refresh_token);
    const listed = await listSessions(gateway.client, token);
    expect(listed.map((session) => [session.id, session.is_current])).toEqual([
      [claimsOf(offline.access_token).sid, false],
      [claimsOf(token).sid, true],
      [claimsOf(browser.token).sid, false],
    ]);
    expect(listed[2]).toMatchObject({ user_agent: 'Firefox/140', ip_address: '2001:db8::1' });
    expect(listed[0]).toMatchObject({ user_agent: 'node', ip_address: '127.0.0.1' });
    const days = ({ created_at, expires_at }: { created_at: string; expires_at: string }) =>
      Math.round((Date.parse(expires_at) - Date.parse(created_at)) / 86_400_000);
    expect(listed.map(days)).toEqual([30, 8, 30]);
    const admin = await logInAdmin(auth.client);
    const seen = await listSessions(gateway.client, admin, `/users/${id}/sessions`);
    expect(seen).toEqual(listed.map((session) => ({ ...session, is_current: false })));
  });

  test('given a client that names itself in 300 characters, then 255 are shown; given no name, then null', async () => {
    const { email } = await newUser();
    const { access_token } = await logInOffline(gateway.client, email, PASSWORD, {
      'user-agent': 'é'.repeat(300),
    });
    await logInBrowser(gateway.client, email, { 'user-agent': '' });
    const listed = await listSessions(gateway.client, access_token);
    expect(listed.map(({ user_agent }) => user_agent)).toEqual([null, 'é'.repeat(255)]);
  });

  test('given a session that has ended in any way, then it is not listed', async () => {
    const { id, email } = await newUser();
    const [out, expired, byId, kept] = [
      await logInOffline(auth.client, email),
      await logInOffline(auth.client, email),
      await logInOffline(auth.client, email),
      await logInOffline(auth.client, email),
    ];
    await auth.client('POST', '/logout', { token: out.access_token });
    const expires_at = new Date(Date.now() - 1);
    const _id = new ObjectId(claimsOf(expired.access_token).sid);
    await bed.database.db.collection('sessions').updateOne({ _id }, { $set: { expires_at } });
    await auth.client('DELETE', `/sessions/${claimsOf(byId.access_token).sid}`, { token: kept.access_token });
    const ids = async (token: string) => (await listSessions(replica.client, token)).map((one) => one.id);
    expect(await ids(kept.access_token)).toEqual([claimsOf(kept.access_token).sid]);
    const body = { current_password: PASSWORD, new_password: 'password2' };
    const other = await logInOffline(auth.client, email);
    await auth.client('PATCH', '/users/me/password', { token: other.access_token, body });
    expect(await ids(other.access_token)).toEqual([claimsOf(other.access_token).sid]);
    await adminUpdates(auth.client, await logInAdmin(auth.client), id, { password: 'password3' });
    expect(await listSessions(auth.client, await logInAdmin(auth.client), `/users/${id}/sessions`)).toEqual(
      [],
    );
  });

  test('given no token, or an ordinary user, then a list of somebody else is refused', async () => {
    const { token } = await newMember(auth.client);
    const { id } = await newUser();
    expect((await gateway.client('GET', '/sessions/')).status).toBe(401);
    for (const method of ['GET', 'DELETE']) {
      expect(await gateway.client(method, `/users/${id}/sessions`, { token })).toMatchObject({
        status: 403,
        body: { detail: "The user doesn't have enough privileges" },
      });
      const admin = await logInAdmin(auth.client);
      const unknown = `/users/${new ObjectId().toHexString()}/sessions`;
      expect(await gateway.client(method, unknown, { token: admin })).toMatchObject({
        status: 404,
        body: { detail: 'User not found' },
      });
      expect((await gateway.client(method, '/users/x/sessions', { token: admin })).status).toBe(400);
    }
  });
});

describe('ending sessions', () => {
  test('given one of the own, then it is dead everywhere, and the others live on', async () => {
    const { email } = await newUser();
    const mine = await logInOffline(gateway.client, email);
    const other = await logInOffline(gateway.client, email);
    const { sid } = claimsOf(other.access_token);
    const end = () => gateway.client('DELETE', `/sessions/${sid}`, { token: mine.access_token });
    expect(await end()).toMatchObject({ status: 200, body: { message: 'Session ended' } });
    await expectEnded(other.access_token);
    await expectOpen(mine.access_token);
    expect(await refresh(replica.client, other.refresh_token)).toMatchObject(invalidRefreshToken);
    expect(await end()).toMatchObject({ status: 404, body: { detail: 'Session not found' } });
  });

  test('given the calling one, then it is dead', async () => {
    const { email } = await newUser();
    const { access_token: token } = await logInOffline(gateway.client, email);
    const answer = await gateway.client('DELETE', `/sessions/${claimsOf(token).sid}`, { token });
    expect(answer.status).toBe(200);
    await expectEnded(token);
  });

  test('given somebody else’s, or what is no id, then it is not found, and lives on', async () => {
    const { token: victim } = await newMember(auth.client);
    const { token } = await newMember(auth.client);
    const { sid } = claimsOf(victim);
    const admin = await logInAdmin(auth.client);
    for (const id of [sid, sid.toUpperCase(), new ObjectId().toHexString(), 'x', '%00', 'x'.repeat(5_000)]) {
      for (const caller of [token, admin]) {
        const answer = await gateway.client('DELETE', `/sessions/${id}`, { token: caller });
        expect(answer).toMatchObject({ status: 404, body: { detail: 'Session not found' } });
      }
    }
    await expectOpen(victim);
  });

  test('given all others, then only the calling one lives on, also of a client of the template', async () => {
    const { id, email } = await newUser();
    const mine = await logInOffline(gateway.client, email);
    const others = [await logInOffline(gateway.client, email), await logInOffline(replica.client, email)];
    const template = await logIn(gateway.client, email, PASSWORD);
    const answer = await gateway.client('DELETE', '/sessions/', { token: mine.access_token });
    expect(answer).toMatchObject({ status: 200, body: { message: 'Other sessions ended' } });
    for (const { access_token, refresh_token } of others) {
      await expectEnded(access_token);
      expect(await refresh(gateway.client, refresh_token)).toMatchObject(invalidRefreshToken);
    }
    await expectEnded(template);
    await expectOpen(mine.access_token);
    const next = await refreshed(replica.client, mine.refresh_token);
    expect(await listSessions(replica.client, next.access_token)).toHaveLength(1);
    await expect.poll(() => sessionsOf(id).toArray()).toHaveLength(1);
    expect((await logInOffline(gateway.client, email)).expires_in).toBe(900);
  });

  test('given a superuser, then all of a user end; of the own, all but the calling one', async () => {
    const { id, email } = await newUser();
    const { access_token, refresh_token } = await logInOffline(gateway.client, email);
    const admin = await logInAdmin(auth.client);
    const other = await logInAdmin(auth.client);
    const end = (user: string) => gateway.client('DELETE', `/users/${user}/sessions`, { token: admin });
    expect(await end(id)).toMatchObject({ status: 200, body: { message: 'Sessions ended' } });
    await expectEnded(access_token);
    expect(await refresh(replica.client, refresh_token)).toMatchObject(invalidRefreshToken);
    expect((await end(claimsOf(admin).sub)).status).toBe(200);
    await expectEnded(other);
    await expectOpen(admin);
  });
});
