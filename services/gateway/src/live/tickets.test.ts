import { afterEach, describe, expect, test } from 'vitest';
import { adminUpdates, newMember } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { allServicesFixture } from '../../../../tests/support/fixtures.ts';
import { publishItem } from '../../../../tests/support/live-events.ts';
import { itemsIn, type LiveReader, openLive, openLiveStream } from '../../../../tests/support/live-reader.ts';
import { addressesOf, runGateway } from '../../../../tests/support/services.ts';

const all = await allServicesFixture();
const { bed, gateway, auth, admin } = all;
let now = Date.now();
const urls = addressesOf({ auth, items: all.items, notifier: all.notifier });
const other = await runGateway(bed, urls, [], { now: () => now });
const readers: LiveReader[] = [];
afterEach(() => {
  now = Date.now();
  for (const reader of readers.splice(0)) reader.close();
});

async function ticketOf(token: string, client: Client = gateway.client): Promise<string> {
  const { status, body } = await client('POST', '/live/tickets', { token });
  expect(status).toBe(200);
  expect(body).toEqual({ ticket: expect.stringMatching(/^[\w-]{43}$/), expires_in: 30 });
  return (body as { ticket: string }).ticket;
}

const refusalOf = async (ticket: string, client: Client = gateway.client) => {
  const { status, body } = await client('GET', `/live?ticket=${encodeURIComponent(ticket)}`);
  return [status, body];
};
const bad = [403, { detail: 'Could not validate credentials' }];

describe('given a ticket', () => {
  test('when it is used at another replica, then its user has a stream', async () => {
    const { id, token } = await newMember(auth.client);
    const reader = await openLiveStream(other.url, { query: { ticket: await ticketOf(token) } });
    readers.push(reader);
    const { itemId } = await publishItem(bed, id);
    await expect.poll(() => itemsIn(reader)).toEqual([itemId]);
    await auth.client('POST', '/logout', { token });
    expect(JSON.parse((await reader.until('end')).data)).toEqual({ reason: 'session-ended' });
  });

  test('when 20 use it at once at two replicas, then one has a stream', async () => {
    const { token } = await newMember(auth.client);
    const query = { ticket: await ticketOf(token) };
    const tries = Array.from({ length: 20 }, (_, at) =>
      openLive(at % 2 === 0 ? gateway.url : other.url, { query }),
    );
    readers.push(...(await Promise.all(tries)));
    const statuses = readers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, ...Array.from({ length: 19 }, () => 403)]);
    expect(await refusalOf(query.ticket)).toEqual(bad);
  });

  test('when 30 seconds have passed, then it is refused', async () => {
    const { token } = await newMember(auth.client);
    const [early, late] = [await ticketOf(token), await ticketOf(token)];
    now += 29_000;
    expect((await other.client('HEAD', `/live?ticket=${early}`)).status).toBe(200);
    now += 2_000;
    expect(await refusalOf(late, other.client)).toEqual(bad);
  });

  test('when its session has ended, then it is refused', async () => {
    const { token } = await newMember(auth.client);
    const [ticket, more] = [await ticketOf(token), await ticketOf(token)];
    await auth.client('POST', '/logout', { token });
    await expect.poll(async () => (await gateway.client('GET', '/users/me', { token })).status).toBe(403);
    expect(await refusalOf(ticket)).toEqual(bad);
    await expect.poll(async () => (await other.client('GET', '/users/me', { token })).status).toBe(403);
    expect(await refusalOf(more, other.client)).toEqual(bad);
  });

  test('when its user is deactivated, then it is refused as a token is', async () => {
    const { id, token } = await newMember(auth.client);
    const ticket = await ticketOf(token);
    await adminUpdates(auth.client, admin, id, { is_active: false });
    await expect.poll(async () => (await gateway.client('GET', '/users/me', { token })).status).toBe(400);
    expect(await refusalOf(ticket)).toEqual([400, { detail: 'Inactive user' }]);
  });

  test('when it comes with a token, then the token counts, and the ticket stays good', async () => {
    const { token } = await newMember(auth.client);
    const ticket = await ticketOf(token);
    const path = `/live?ticket=${ticket}`;
    expect((await gateway.client('GET', path, { token: 'none' })).status).toBe(403);
    expect((await gateway.client('HEAD', path, { token })).status).toBe(200);
    expect((await gateway.client('HEAD', path)).status).toBe(200);
    expect((await gateway.client('HEAD', path)).status).toBe(403);
  });
});

test.each(['x', 'x'.repeat(43), '>', 'a.b', '*', 'é', 'x'.repeat(5_000)])(
  'given %s for a ticket, then it is refused',
  async (ticket) => {
    expect(await refusalOf(ticket)).toEqual(bad);
  },
);

test('given no ticket in its parameter, then it is a 401, and a token is no ticket', async () => {
  const { token } = await newMember(auth.client);
  expect(await refusalOf('')).toEqual([401, { detail: 'Not authenticated' }]);
  expect(await refusalOf(token)).toEqual(bad);
  expect((await gateway.client('POST', '/live/tickets')).status).toBe(401);
  // A ticket is good for a stream only.
  const ticket = await ticketOf(token);
  expect((await gateway.client('POST', `/live/tickets?ticket=${ticket}`)).status).toBe(401);
  expect((await gateway.client('GET', `/users/me?ticket=${ticket}`)).status).toBe(401);
});

test('given a user who asks for more tickets than they can use, then it is a 429 until some have expired', async () => {
  const { token } = await newMember(auth.client);
  const ask = async () => (await other.client('POST', '/live/tickets', { token })).status;
  const statuses = new Set<number>();
  for (let asked = 0; asked < 31; asked += 1) statuses.add(await ask());
  expect([...statuses]).toEqual([200, 429]);
  now += 60_000;
  expect(await ask()).toBe(200);
});

test('given a ticket, then nothing at the broker or in the log shows it', async () => {
  const { token } = await newMember(auth.client);
  const ticket = await ticketOf(token);
  const kv = await bed.broker.kvm.open(bed.broker.names.tickets);
  const keys: string[] = [];
  for await (const key of await kv.keys()) keys.push(key);
  expect(keys.length).toBeGreaterThan(0);
  const entries = await Promise.all(keys.map(async (key) => key + (await kv.get(key))?.string()));
  expect(entries.join()).not.toContain(ticket);
  expect((await gateway.client('HEAD', `/live?ticket=${ticket}`)).status).toBe(200);
  expect(JSON.stringify(bed.logLines())).not.toContain(ticket);
});
