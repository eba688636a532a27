import { expect, test } from 'vitest';
import { newMember } from '../../../tests/support/accounts.ts';
import { allPublished, documentOf, eventsAbout } from '../../../tests/support/events.ts';
import { itemsFixture } from '../../../tests/support/fixtures.ts';
import { canKillBroker, startOwnBroker } from '../../../tests/support/own-broker.ts';
import { type Running, runAuth, runItems } from '../../../tests/support/services.ts';
import { startTestbed } from '../../../tests/support/testbed.ts';
import type { ItemPublic } from './schemas.ts';

const { bed, auth, items } = await itemsFixture();
const owner = await newMember(auth.client);

const newItem = async ({ client }: Running, token = owner.token): Promise<ItemPublic> =>
  (await client('POST', '/items/', { token, body: { title: 'one' } })).body as ItemPublic;

test('given the same change 40 times at once, then the writes take turns: one is a change, the others find it made', async () => {
  const { id } = await newItem(items);
  const change = () => items.client('PATCH', `/items/${id}`, { token: owner.token, body: { title: 'two' } });
  const answers = await Promise.all(Array.from({ length: 40 }, change));
  for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: { title: 'two' } });
  const types = (await eventsAbout(bed, 'items', id)).map(({ event }) => event.type);
  expect(types).toEqual(['item.created', 'item.updated']);
});

test.skipIf(!canKillBroker)(
  'given a broker that is away, then an outbox fills up to its bound; a deletion still has room, and nothing is lost',
  { timeout: 60_000 },
  async () => {
    const broker = await startOwnBroker();
    // A database of its own: the other items process would publish what waits in this one.
    const away = await startTestbed();
    away.stopLater(() => broker.stop());
    bed.stopLater(() => away.stop());
    const env = { NATS_URL: broker.url };
    const itsAuth = await runAuth(away, env);
    const own = await runItems(away, itsAuth, env);
    const { token } = await newMember(itsAuth.client);
    const { id } = await newItem(own, token);
    const other = await newItem(own, token);
    await broker.kill();
    const change = (title: string) => own.client('PATCH', `/items/${id}`, { token, body: { title } });
    const statuses: number[] = [];
    while (statuses.length < 150) statuses.push((await change(`title ${statuses.length}`)).status);
    expect(statuses.indexOf(503)).toBeGreaterThan(50);
    expect(new Set(statuses.slice(statuses.indexOf(503)))).toEqual(new Set([503]));
    expect(Number((await change('one more')).headers.get('retry-after'))).toBeGreaterThan(0);
    const full = await documentOf(away, 'items', id);
    expect(full?.outbox).toHaveLength(100);
    expect((await own.client('DELETE', `/items/${other.id}`, { token })).status).toBe(200);
    await broker.start();
    await expect.poll(async () => (await change('last')).status, { timeout: 20_000 }).toBe(200);
    await allPublished(away, 'items');
    expect(await documentOf(away, 'items', id)).toMatchObject({ title: 'last', outbox: [] });
    expect(await documentOf(away, 'items', other.id)).toBeNull();
  },
);
