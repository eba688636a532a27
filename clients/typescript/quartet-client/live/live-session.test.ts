import { expect, test } from 'vitest';
import { adminUpdates, newMember } from '../../../../tests/support/accounts.ts';
import { type NewReader, newReader } from '../../../../tests/support/client-reader.ts';
import { allServicesFixture } from '../../../../tests/support/fixtures.ts';
import { publishItem, publishItems } from '../../../../tests/support/live-events.ts';
import { addressesOf, runGateway } from '../../../../tests/support/services.ts';
import { claimsOf } from '../../../../tests/support/sessions.ts';
import { startTcpProxy } from '../../../../tests/support/tcp-proxy.ts';
import { systemClock } from '../clock.ts';

const all = await allServicesFixture();
const { bed, auth, gateway, admin } = all;
const urls = addressesOf({ auth, items: all.items, notifier: all.notifier });

test('given a logout, then the stream ends with the session', async () => {
  const { client, live, opened, signedOut } = await newReader(all);
  const ended = live();
  await opened();
  await client.logOut();
  await ended;
  expect(signedOut).toEqual([{ reason: 'logged-out' }]);
});

const ends: [string, (reader: NewReader) => Promise<unknown>][] = [
  [
    'has a new password',
    ({ member }) => adminUpdates(auth.client, admin, member.id, { password: 'another password' }),
  ],
  ['is deactivated', ({ member }) => adminUpdates(auth.client, admin, member.id, { is_active: false })],
  ['is deleted', ({ member }) => auth.client('DELETE', `/users/${member.id}`, { token: admin })],
];

test.each(ends)(
  'given a user who %s, then the client is signed out, and the stream ends',
  async (_what, act) => {
    const reader = await newReader(all);
    const ended = reader.live();
    await reader.opened();
    await act(reader);
    await ended;
    expect(reader.signedOut.map(({ reason }) => reason)).toEqual(['ended']);
    expect(reader.reasons()).toEqual([]);
  },
);

test.each(ends)(
  'given a user who %s while the API is away, then the stream ends when it is back',
  async (_what, act) => {
    const proxy = await startTcpProxy(bed, gateway.url);
    const reader = await newReader(all, { baseUrl: proxy.url.replace(/\/$/, '') });
    const ended = reader.live();
    await reader.opened();
    void proxy.cut('nothing');
    await act(reader);
    proxy.mend();
    await ended;
    expect(reader.signedOut.map(({ reason }) => reason)).toEqual(['ended']);
  },
);

test('given a new role, then a new stream shows what it allows', async () => {
  const { member, ids, live, opened, reasons } = await newReader(all);
  void live();
  await opened();
  await adminUpdates(auth.client, admin, member.id, { is_superuser: true });
  await opened(2);
  expect(reasons()).toEqual(['role-changed']);
  const bob = await newMember(auth.client);
  const { itemId } = await publishItem(bed, bob.id);
  await expect.poll(() => ids).toContain(itemId);
});

test('given a token that expires, then the stream goes on with another', async () => {
  let now = Date.now();
  const timed = await runGateway(bed, urls, [], { now: () => now });
  const tokens: string[] = [];
  const { member, ids, live, opened, reasons, signedOut } = await newReader(all, {
    baseUrl: timed.url,
    clock: { ...systemClock, now: () => now },
    fetch(input, init) {
      const request = new Request(input, init);
      if (request.url.endsWith('/live')) tokens.push(request.headers.get('authorization') ?? '');
      return fetch(request);
    },
  });
  void live();
  await opened();
  now = claimsOf(tokens[0]?.replace('Bearer ', '') ?? '').exp * 1_000;
  const published = await publishItems(bed, member.id, 2);
  await opened(2);
  const { itemId } = await publishItem(bed, member.id);
  await expect.poll(() => ids).toEqual([...published, itemId]);
  // A token made in the same second as the first expires with it.
  expect(new Set(reasons())).toEqual(new Set(['token-expired']));
  expect(signedOut).toEqual([]);
  expect(new Set(tokens).size).toBeGreaterThan(1);
});
