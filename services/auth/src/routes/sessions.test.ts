import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { adminUpdates, logInAdmin, newMember, PASSWORD } from '../../../../tests/support/accounts.ts';
import { logIn } from '../../../../tests/support/client.ts';
import {
  claimsOf,
  invalidRefreshToken,
  listSessions,
  logInBrowser,
  logInOffline,
  refresh,
  refreshed,
} from '../../../../tests/support/sessions.ts';
import { sessionsFixture } from '../../test/sessions-kit.ts';

const { bed, auth, replica, gateway, sessionsOf, newUser, expectEnded, expectOpen } = await sessionsFixture();

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
