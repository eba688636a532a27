import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logInAdmin, newMember, PASSWORD } from '../../../../tests/support/accounts.ts';
import { logIn } from '../../../../tests/support/client.ts';
import { itemsIn, type LiveReader, openLiveStream } from '../../../../tests/support/live-reader.ts';
import { canKillBroker, type OwnBroker, startOwnBroker } from '../../../../tests/support/own-broker.ts';
import { type Running, runAuth, runGateway, runItems } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { nobodyAt } from '../../../../tests/support/third-party.ts';

const SOON = { timeout: 30_000 };

describe.skipIf(!canKillBroker)('given a broker that is killed', { timeout: 90_000 }, () => {
  let bed: Testbed;
  let own: OwnBroker;
  let [auth, items, gateway]: Running[] = [];
  let env: Record<string, string>;
  const readers: LiveReader[] = [];

  beforeAll(async () => {
    [bed, own] = await Promise.all([startTestbed(), startOwnBroker()]);
    env = { NATS_URL: own.url };
    auth = await runAuth(bed, env);
    items = await runItems(bed, auth, env);
    gateway = await runGateway(bed, {
      ...env,
      ...{ AUTH_URL: auth.url, ITEMS_URL: items.url, NOTIFIER_URL: await nobodyAt() },
    });
  }, 60_000);
  afterAll(async () => {
    for (const reader of readers) reader.close();
    await bed.stop();
    await own.stop();
  });

  const running = () => [auth, items, gateway] as [Running, Running, Running];
  const createItem = async (token: string): Promise<string> => {
    const { status, body } = await running()[1].client('POST', '/items/', { token, body: { title: 'Tea' } });
    expect(status).toBe(200);
    return (body as { id: string }).id;
  };
  const open = async (request: Parameters<typeof openLiveStream>[1]): Promise<LiveReader> => {
    const reader = await openLiveStream(running()[2].url, request);
    readers.push(reader);
    return reader;
  };

  test('when it comes back, then open streams go on without a gap, and a new one resumes', async () => {
    const { token } = await newMember(running()[0].client);
    const [reader, admins] = [
      await open({ token }),
      await open({ token: await logInAdmin(running()[0].client) }),
    ];
    const wanted = [await createItem(token)];
    await expect.poll(() => itemsIn(reader), SOON).toEqual(wanted);
    await own.kill();
    wanted.push(await createItem(token), await createItem(token));
    // Its word counts, since nobody can be asked.
    const ahead = await open({ token, headers: { 'last-event-id': reader.lastEventId() } });
    const tickets = await running()[2].client('POST', '/live/tickets', { token });
    expect(tickets.status).toBe(503);
    await own.start();
    wanted.push(await createItem(token));
    await expect.poll(() => itemsIn(reader), SOON).toEqual(wanted);
    await expect.poll(() => itemsIn(ahead), SOON).toEqual(wanted.slice(1));
    await expect.poll(() => itemsIn(admins), SOON).toEqual(wanted);
    expect([...reader.messages, ...ahead.messages].map(({ event }) => event)).not.toContain('reset');
    const ticket = async () => (await running()[2].client('POST', '/live/tickets', { token })).status;
    await expect.poll(ticket, SOON).toBe(200);
  });

  test('when it comes back without its data, then no token is believed, and a new login gets a reset', async () => {
    const { email, token } = await newMember(running()[0].client);
    const reader = await open({ token });
    await createItem(token);
    const { id } = await reader.until('item.created');
    await own.kill();
    await own.loseFiles();
    await own.start();
    // Its revocations are lost too.
    await expect.poll(() => reader.messages.at(-1)?.data, SOON).toBe('{"reason":"session-ended"}');
    await reader.ended;
    const fresh = async () => {
      const found = await logIn(running()[0].client, email, PASSWORD);
      return (await running()[2].client('HEAD', '/live', { token: found })).status === 200
        ? found
        : undefined;
    };
    await expect.poll(fresh, SOON).toBeDefined();
    // A stream that is made again begins at the time in milliseconds: this id is an hour ahead.
    const again = await open({
      token: await fresh(),
      headers: { 'last-event-id': String(Number(id) + 3_600_000) },
    });
    expect(JSON.parse((await again.until('reset')).data)).toEqual({ reason: 'unknown-id' });
    const made = await createItem((await fresh()) ?? '');
    await expect.poll(() => itemsIn(again), SOON).toEqual([made]);
  });
});
