import { afterAll, beforeAll, expect, test } from 'vitest';
import { newMember } from '../../../../tests/support/accounts.ts';
import { allPublished, documentOf, eventsAbout } from '../../../../tests/support/events.ts';
import { canKillBroker, startOwnBroker } from '../../../../tests/support/own-broker.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;

beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

test('given the same change of one user 40 times at once, then the writes take turns: one is a change', async () => {
  const auth = await runAuth(bed);
  const { id, token } = await newMember(auth.client);
  const change = () => auth.client('PATCH', '/users/me', { token, body: { full_name: 'Ada' } });
  const answers = await Promise.all(Array.from({ length: 40 }, change));
  for (const { status } of answers) expect(status).toBe(200);
  const types = (await eventsAbout(bed, 'users', id)).map(({ event }) => event.type);
  expect(types).toEqual(['user.created', 'user.updated']);
  await auth.stop();
});

test.skipIf(!canKillBroker)(
  "given a broker that is away, then a user's outbox fills up to its bound; a logout still has room",
  { timeout: 60_000 },
  async () => {
    const broker = await startOwnBroker();
    bed.stopLater(() => broker.stop());
    const auth = await runAuth(bed, { NATS_URL: broker.url });
    const { id, token } = await newMember(auth.client);
    await broker.kill();
    const change = (full_name: string) => auth.client('PATCH', '/users/me', { token, body: { full_name } });
    const statuses: number[] = [];
    while (statuses.length < 150) statuses.push((await change(`name ${statuses.length}`)).status);
    expect(statuses.indexOf(503)).toBeGreaterThan(50);
    expect(new Set(statuses.slice(statuses.indexOf(503)))).toEqual(new Set([503]));
    expect(Number((await change('one more')).headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await documentOf(bed, 'users', id))?.outbox).toHaveLength(100);
    expect((await auth.client('POST', '/logout', { token })).status).toBe(200);
    await broker.start();
    await allPublished(bed, 'users');
    expect((await auth.client('GET', '/users/me', { token })).status).toBe(403);
  },
);
