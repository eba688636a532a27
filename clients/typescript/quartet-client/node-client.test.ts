import {
  createQuartetClient,
  ItemsService,
  LoginService,
  QuartetError,
  SessionsService,
  type SignedOut,
  UsersService,
} from '@quartet/client';
import { expect, test } from 'vitest';
import { newEmail, newMember, PASSWORD } from '../../../tests/support/accounts.ts';
import { allServicesFixture } from '../../../tests/support/fixtures.ts';
import { accessOf, forge } from '../../../tests/support/forged-tokens.ts';
import { invalidRefreshToken, logInOffline, refresh } from '../../../tests/support/sessions.ts';
import type { QuartetClientOptions } from './create-quartet-client.ts';
import { createTestClock, observedNetwork } from './observed-network.ts';

const MINUTE_MS = 60_000;
const { bed, auth, gateway } = await allServicesFixture();

/** A client of its own user, with its network and clock. */
async function newClient(options: QuartetClientOptions = {}) {
  const member = await newMember(auth.client, newEmail());
  const network = observedNetwork();
  const clock = createTestClock();
  const signedOut: SignedOut[] = [];
  const stored: (string | undefined)[] = [];
  const client = createQuartetClient({
    baseUrl: gateway.url,
    fetch: network.fetch,
    clock,
    onSignedOut: (event) => signedOut.push(event),
    onRefreshToken: (token) => void stored.push(token),
    ...options,
  });
  return { member, network, clock, signedOut, stored, client };
}

async function loggedIn(options: QuartetClientOptions = {}) {
  const parts = await newClient(options);
  await parts.client.logIn(parts.member.email, PASSWORD);
  return parts;
}

const me = ({ call }: Awaited<ReturnType<typeof loggedIn>>['client']) => call(UsersService.readUserMe);

/** Ends the user's other sessions, as from another machine. */
async function endElsewhere(email: string): Promise<void> {
  const { access_token: token } = await logInOffline(gateway.client, email);
  expect((await gateway.client('DELETE', '/sessions/', { token })).status).toBe(200);
}

test('given a login, then calls are those of the user, and one session is all there is', async () => {
  const { client, member, network } = await loggedIn();
  expect((await me(client)).email).toBe(member.email);
  const item = await client.call(ItemsService.createItem, { body: { title: 'first' } });
  const { data } = await client.call(ItemsService.readItems, { query: { limit: 10 } });
  expect(data.map(({ id }) => id)).toEqual([item.id]);
  expect((await client.call(SessionsService.readSessions)).data.filter((one) => one.is_current)).toHaveLength(
    1,
  );
  expect(network.refreshes()).toBe(0);
  expect(network.sent.join('\n')).not.toContain('token=');
});

test('given an hour of calls, when tokens expire one after the other, then each call is answered and the session is the same', async () => {
  const { client, clock, network, signedOut, stored } = await loggedIn();
  const sessions = async () =>
    (await client.call(SessionsService.readSessions)).data.flatMap((one) => (one.is_current ? one.id : []));
  const [first] = await sessions();
  for (let minute = 0; minute < 60; minute += 1) {
    clock.advance(MINUTE_MS);
    await Promise.all([me(client), client.call(ItemsService.readItems)]);
    expect(await sessions()).toEqual([first]);
  }
  // A token lives 15 minutes, and is renewed in its last.
  expect(network.refreshes()).toBe(4);
  expect(new Set(stored).size).toBe(5);
  expect(signedOut).toEqual([]);
});

test.each([
  ['forward', 30 * 24 * 60 * MINUTE_MS],
  ['back', -24 * 60 * MINUTE_MS],
])('given a clock that jumped %s, then one refresh is enough', async (_direction, ms) => {
  const { client, clock, network } = await loggedIn();
  clock.advance(ms);
  for (let n = 0; n < 3; n += 1) await me(client);
  expect(network.refreshes()).toBe(1);
});

test('given ten calls at once with an expired token, then there is one refresh', async () => {
  const { client, clock, network } = await loggedIn();
  clock.advance(20 * MINUTE_MS);
  await Promise.all(Array.from({ length: 10 }, () => me(client)));
  expect(network.refreshes()).toBe(1);
});

test('given a token near its end, then a call does not wait for the refresh', async () => {
  const { client, clock, network } = await loggedIn();
  clock.advance(14.5 * MINUTE_MS);
  const { promise, resolve } = Promise.withResolvers<void>();
  network.intercept = async (request) => {
    if (request.url.endsWith('/login/access-token')) await promise;
    return undefined;
  };
  await me(client);
  await expect.poll(() => network.refreshes()).toBe(1);
  resolve();
});

test('given a token that the server refuses, when the session lives on, then the call is sent once more with its body', async () => {
  const { client, member, network } = await loggedIn();
  const seconds = Math.floor(Date.now() / 1_000);
  const expired = forge(bed, { ...accessOf(member.id), iat: seconds - 2_000, exp: seconds - 1_000 });
  let replaced = 0;
  network.intercept = async (request) => {
    if (!request.url.endsWith('/items/') || replaced > 0) return undefined;
    replaced += 1;
    const headers = new Headers(request.headers);
    headers.set('authorization', `Bearer ${expired}`);
    return fetch(new Request(request.clone(), { headers }));
  };
  const item = await client.call(ItemsService.createItem, { body: { title: 'sent twice' } });
  expect(item.title).toBe('sent twice');
  expect([replaced, network.refreshes()]).toEqual([1, 1]);
});

test('given a server that refuses every token, then a call is sent twice and no more', async () => {
  const { client, member, network, signedOut } = await loggedIn();
  const bad = forge(bed, { ...accessOf(member.id), exp: 1_000 });
  network.intercept = async (request) => {
    if (!request.headers.has('authorization')) return undefined;
    const headers = new Headers(request.headers);
    headers.set('authorization', `Bearer ${bad}`);
    return fetch(new Request(request.clone(), { headers }));
  };
  await expect(me(client)).rejects.toMatchObject({ status: 403, detail: 'Could not validate credentials' });
  expect(network.sent.filter((line) => line.includes('/users/me'))).toHaveLength(2);
  expect(network.refreshes()).toBe(1);
  expect(signedOut).toEqual([]);
});

test('given a session that was ended elsewhere, when many calls meet it, then onSignedOut is called once', async () => {
  const { client, member, network, signedOut, stored } = await loggedIn();
  await me(client);
  await endElsewhere(member.email);
  const refused = { name: 'QuartetError', status: 403, detail: 'Could not validate credentials' };
  const all = await Promise.allSettled(Array.from({ length: 5 }, () => me(client)));
  for (const one of all) expect(one).toMatchObject({ status: 'rejected', reason: refused });
  expect(signedOut).toEqual([{ reason: 'ended', error: expect.objectContaining({ status: 400 }) }]);
  expect(signedOut[0]?.error?.detail).toBe('Invalid refresh token');
  expect(stored.at(-1)).toBeUndefined();

  await expect(me(client)).rejects.toMatchObject({ status: 401, detail: 'Not authenticated' });
  expect([network.refreshes(), signedOut.length]).toEqual([1, 1]);
  await client.logIn(member.email, PASSWORD);
  expect((await me(client)).id).toBe(member.id);
});

test.each([1, 3])('given %i refreshes whose answers were lost, then the session goes on', async (count) => {
  const { client, clock, network, signedOut } = await loggedIn();
  clock.advance(20 * MINUTE_MS);
  network.loseAnswers(count);
  await me(client);
  expect(network.refreshes()).toBe(count + 1);
  expect(clock.waits).toEqual([300, 600, 1_200].slice(0, count));
  clock.advance(20 * MINUTE_MS);
  await me(client);
  expect(signedOut).toEqual([]);
});

test('given an API that is away, then the call fails, nobody is signed out, and it works again afterwards', async () => {
  const { client, clock, network, signedOut } = await loggedIn();
  clock.advance(20 * MINUTE_MS);
  network.intercept = async () => {
    throw new TypeError('no route');
  };
  const error = await me(client).catch((err: unknown) => err);
  expect(error).toBeInstanceOf(QuartetError);
  expect(error).toMatchObject({ status: undefined, cause: new TypeError('no route') });
  network.intercept = undefined;
  await me(client);
  expect(signedOut).toEqual([]);
});

test('given a token that is still good, when a refresh is refused, then calls go on with it', async () => {
  const { client, clock, network } = await loggedIn();
  clock.advance(14.5 * MINUTE_MS);
  const tooMany = { status: 429, headers: { 'retry-after': '20' } };
  network.intercept = async (request) =>
    request.url.endsWith('/login/access-token')
      ? Response.json({ detail: 'Too many requests' }, tooMany)
      : undefined;
  for (let n = 0; n < 3; n += 1) await me(client);
  await expect.poll(() => network.refreshes()).toBe(1);
  clock.advance(MINUTE_MS);
  network.intercept = undefined;
  await me(client);
  expect(network.refreshes()).toBe(2);
});

test('given a 429 for a refresh, then the error says when to ask again, and until then nothing is sent', async () => {
  const { client, clock, network } = await loggedIn();
  clock.advance(20 * MINUTE_MS);
  network.intercept = async () =>
    Response.json({ detail: 'Too many requests' }, { status: 429, headers: { 'retry-after': '20' } });
  for (let n = 0; n < 3; n += 1) {
    await expect(me(client)).rejects.toMatchObject({ status: 429, retryAfterSeconds: 20 });
  }
  expect(network.refreshes()).toBe(1);
});

test('given a stored refresh token, then a new process goes on with its session', async () => {
  const { client, member, stored } = await loggedIn();
  const refreshToken = stored.at(-1);
  const next = await newClient({ refreshToken });
  expect(await next.client.resume()).toBe(true);
  expect((await me(next.client)).id).toBe(member.id);
  expect(next.stored).toEqual([expect.not.stringMatching(refreshToken ?? '')]);
  client.close();
});

test('given no session or a bad refresh token, then resume says no and onSignedOut is not called', async () => {
  const nobody = await newClient();
  expect(await nobody.client.resume()).toBe(false);
  expect(nobody.network.sent).toEqual([]);
  const bad = await newClient({ refreshToken: 'A'.repeat(84) });
  expect(await bad.client.resume()).toBe(false);
  expect(bad.stored).toEqual([undefined]);
  expect([nobody.signedOut, bad.signedOut]).toEqual([[], []]);
});

test('given a logout, then the refresh token is dead, and onSignedOut is called once', async () => {
  const { client, clock, signedOut, stored } = await loggedIn();
  clock.advance(20 * MINUTE_MS);
  await client.logOut();
  await client.logOut();
  expect(signedOut).toEqual([{ reason: 'logged-out' }]);
  const [, last = '', end] = stored;
  expect(end).toBeUndefined();
  expect(await refresh(gateway.client, last)).toMatchObject(invalidRefreshToken);
});

test('given a logout that does not reach the API, then it fails and the session goes on', async () => {
  const { client, network, signedOut } = await loggedIn();
  network.intercept = async () => {
    throw new TypeError('no route');
  };
  await expect(client.logOut()).rejects.toMatchObject({ name: 'QuartetError', status: undefined });
  network.intercept = undefined;
  await me(client);
  expect(signedOut).toEqual([]);
});

test('given a call that is aborted while it waits for a refresh, then it ends at once, and others get the refresh', async () => {
  const { client, clock, network } = await loggedIn();
  clock.advance(20 * MINUTE_MS);
  const { promise, resolve } = Promise.withResolvers<void>();
  network.intercept = async (request) => {
    if (request.url.endsWith('/login/access-token')) await promise;
    return undefined;
  };
  const caller = new AbortController();
  const aborted = client.call(UsersService.readUserMe, { signal: caller.signal });
  const other = me(client);
  await expect.poll(() => network.refreshes()).toBe(1);
  caller.abort(new Error('the user went away'));
  await expect(aborted).rejects.toThrow('the user went away');
  resolve();
  expect((await other).is_active).toBe(true);
  expect(network.refreshes()).toBe(1);
});

test('given an answer that is an error, then status, detail and request are in the exception', async () => {
  const { client } = await loggedIn();
  const wrong = await client.logIn('nobody@example.com', 'a wrong password').catch((err: unknown) => err);
  expect(wrong).toMatchObject({ status: 400, message: 'Incorrect email or password' });
  expect(wrong).toHaveProperty('requestId', expect.stringMatching(/^[\w.-]+$/));
  await expect(client.call(ItemsService.createItem, { body: { title: '' } })).rejects.toMatchObject({
    status: 422,
    detail: [expect.objectContaining({ loc: ['body', 'title'] })],
    message: 'body.title: String should have at least 1 character',
  });
  expect((await me(client)).is_active).toBe(true);
});

test('given the client itself, then an operation returns its response, with the session’s token', async () => {
  const { client, clock, member } = await loggedIn();
  clock.advance(20 * MINUTE_MS);
  const { data, response } = await LoginService.testToken({ client: client.client });
  expect([data?.id, response?.status]).toEqual([member.id, 200]);
});
