import { afterEach, describe, expect, test } from 'vitest';
import { adminUpdates, type Member, newMember, PASSWORD } from '../../../../tests/support/accounts.ts';
import { logIn } from '../../../../tests/support/client.ts';
import { allServicesFixture } from '../../../../tests/support/fixtures.ts';
import { publishItem } from '../../../../tests/support/live-events.ts';
import {
  itemsIn,
  type LiveReader,
  type LiveRequest,
  openLiveStream,
} from '../../../../tests/support/live-reader.ts';
import { addressesOf, runGateway } from '../../../../tests/support/services.ts';
import { claimsOf } from '../../../../tests/support/sessions.ts';

const all = await allServicesFixture();
const { bed, gateway, auth, admin } = all;
const readers: LiveReader[] = [];
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

async function open(request: LiveRequest, at = gateway): Promise<LiveReader> {
  const reader = await openLiveStream(at.url, request);
  readers.push(reader);
  return reader;
}

async function expectEnd(reader: LiveReader, reason: string): Promise<void> {
  const { data } = await reader.until('end');
  expect(JSON.parse(data)).toEqual({ reason });
  await reader.ended;
}

const setRole = (id: string, is_superuser: boolean) => adminUpdates(auth.client, admin, id, { is_superuser });

const ends: [string, string, (member: Member) => Promise<unknown>][] = [
  ['logs out', 'session-ended', ({ token }) => auth.client('POST', '/logout', { token })],
  [
    'has a new password',
    'session-ended',
    ({ id }) => adminUpdates(auth.client, admin, id, { password: 'another password' }),
  ],
  [
    'is deactivated',
    'user-deactivated',
    ({ id }) => adminUpdates(auth.client, admin, id, { is_active: false }),
  ],
  ['deletes themselves', 'user-deleted', ({ token }) => auth.client('DELETE', '/users/me', { token })],
  ['is promoted', 'role-changed', ({ id }) => setRole(id, true)],
];

describe('given an open stream', () => {
  test.each(ends)('when its user %s, then it ends: %s', async (_what, reason, act) => {
    const member = await newMember(auth.client);
    const [reader, other] = [
      await open({ token: member.token }),
      await open({ token: (await newMember(auth.client)).token }),
    ];
    await act(member);
    await expectEnd(reader, reason);
    expect(other.messages).toEqual([]);
  });

  test('when a superuser is demoted, then it ends, and a new one shows only their own', async () => {
    const [member, bob] = [await newMember(auth.client), await newMember(auth.client)];
    await setRole(member.id, true);
    await expect
      .poll(async () => (await gateway.client('GET', '/users/', { token: member.token })).status)
      .toBe(200);
    const reader = await open({ token: member.token });
    const bobs = await publishItem(bed, bob.id);
    await expect.poll(() => itemsIn(reader)).toEqual([bobs.itemId]);
    await setRole(member.id, false);
    await expectEnd(reader, 'role-changed');
    // What was the superuser's to see is not the user's.
    const again = await open({ token: member.token, headers: { 'last-event-id': String(bobs.seq - 1) } });
    const own = await publishItem(bed, member.id);
    await expect.poll(() => itemsIn(again)).toEqual([own.itemId]);
  });

  test('when another session of its user ends, then it goes on and says so', async () => {
    const member = await newMember(auth.client);
    const other = await logIn(auth.client, member.email, PASSWORD);
    const [stays, goes] = [await open({ token: member.token }), await open({ token: other })];
    await auth.client('POST', '/logout', { token: other });
    await expectEnd(goes, 'session-ended');
    await stays.until('user.logged-out');
    const { itemId } = await publishItem(bed, member.id);
    await expect.poll(() => itemsIn(stays)).toEqual([itemId]);
  });

  test('when its token expires, then it ends', async () => {
    const { id, token } = await newMember(auth.client);
    let now = Date.now();
    const urls = addressesOf({ auth, items: all.items, notifier: all.notifier });
    const timed = await runGateway(bed, urls, [], { now: () => now });
    const reader = await open({ token }, timed);
    const { exp } = claimsOf(token);
    now = exp * 1000 - 1;
    const { itemId } = await publishItem(bed, id);
    await expect.poll(() => itemsIn(reader)).toEqual([itemId]);
    now += 1;
    await expectEnd(reader, 'token-expired');
  });
});

test.each([
  [403, ends[0]],
  [403, ends[1]],
  [400, ends[2]],
  [404, ends[3]],
] as const)('given a user who may read no more, then a new stream is a %i', async (refusal, end) => {
  const member = await newMember(auth.client);
  await end?.[2](member);
  const status = async () => (await gateway.client('HEAD', '/live', { token: member.token })).status;
  await expect.poll(status).toBe(refusal);
  expect((await gateway.client('GET', '/live', { token: member.token })).status).toBe(refusal);
});
