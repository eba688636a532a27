import { readLastDocument } from '@quartet/common/events/kv/service-registry.ts';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { connectTo, recordingLog } from '../../../../libs/common/test/event-kit.ts';
import { logInAdmin, type Member, newMember, signUp } from '../../../../tests/support/accounts.ts';
import { logIn } from '../../../../tests/support/client.ts';
import { canKillBroker, type OwnBroker, startOwnBroker } from '../../../../tests/support/own-broker.ts';
import {
  type Running,
  runAuth,
  runGateway,
  runItems,
  runNotifier,
} from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { bucketMemory } from '../auth-state.ts';

/** Noticed within 5 s, and the machine may be busy. */
const SOON = { timeout: 15_000 };
const REFUSED = { status: 403, body: { detail: 'Could not validate credentials' } };

describe.skipIf(!canKillBroker)('a broker that has lost something', { timeout: 90_000 }, () => {
  let bed: Testbed;
  let own: OwnBroker;
  /** An operator, who deletes what is needed. */
  let operator: Awaited<ReturnType<typeof connectTo>>;
  let [auth, items, notifier, gateway]: Running[] = [];
  let env: Record<string, string>;

  beforeAll(async () => {
    [bed, own] = await Promise.all([startTestbed(), startOwnBroker()]);
    env = { NATS_URL: own.url, RATE_LIMITS: 'on' };
    operator = await connectTo(own.url, recordingLog().log, bed.env.NATS_NAMESPACE);
    auth = await runAuth(bed, env);
    [items, notifier] = await Promise.all([runItems(bed, auth, env), runNotifier(bed, auth, env)]);
    gateway = await newGateway();
  }, 60_000);
  afterAll(async () => {
    operator.abort();
    await operator.broker.close();
    await bed.stop();
    await own.stop();
  });

  const services = () => [auth, items, notifier, gateway] as [Running, Running, Running, Running];
  const newGateway = () => {
    const [at, itemsAt, notifierAt] = services();
    return runGateway(bed, {
      ...env,
      AUTH_URL: at.url,
      ITEMS_URL: itemsAt.url,
      NOTIFIER_URL: notifierAt.url,
    });
  };
  const streamsOf = () => operator.broker.jsm.streams;

  const me = (token: string) => services()[0].client('GET', '/users/me', { token });
  const newItem = (token: string) =>
    services()[1].client('POST', '/items/', { token, body: { title: 'a title' } });
  const logOut = (token: string) => services()[0].client('POST', '/logout', { token });
  const streams = () => {
    const { names } = operator.broker;
    return {
      events: names.eventStream,
      letters: names.deadLetterStream,
      revocations: `KV_${names.revocations}`,
      routes: `KV_${names.routes}`,
      limits: `KV_${names.limits}`,
    };
  };
  const isThere = (stream: string) =>
    streamsOf()
      .info(stream)
      .then(
        () => true,
        () => false,
      );
  const allThere = () =>
    expect
      .poll(() => Promise.all(Object.values(streams()).map(isThere)), SOON)
      .toEqual([true, true, true, true, true]);
  const notes = async () =>
    (await Promise.all(services().map(({ health }) => health()))).flatMap((h) => h.notes);
  const watchers = async () =>
    (await operator.broker.jsm.consumers.list(streams().revocations).next()).map(({ name, created }) => ({
      name,
      created,
    }));
  /** How far the bucket had come when auth last looked. */
  const remembered = async () =>
    (await bucketMemory(bed.database.db, operator.broker.names.revocations).read())?.revision;
  /** Ten members who have logged out. */
  const tenLogouts = async () => {
    const [{ client }] = services();
    const members: Member[] = [];
    for (let n = 0; n < 10; n += 1) members.push(await newMember(client));
    for (const { token } of members) expect((await logOut(token)).status).toBe(200);
    return members;
  };
  /** All that a logout, a deletion and a sign-up promise, at every process. */
  const allHolds = async () => {
    const [{ client }] = services();
    const [out, gone] = [await newMember(client), await newMember(client)];
    for (const { token } of [out, gone]) expect((await newItem(token)).status).toBe(200);
    expect((await logOut(out.token)).status).toBe(200);
    expect((await client('DELETE', '/users/me', { token: gone.token })).status).toBe(200);
    await expect.poll(() => newItem(out.token), SOON).toMatchObject(REFUSED);
    await expect.poll(() => newItem(gone.token), SOON).toMatchObject({ status: 404 });
    const mails = () => bed.database.db.collection('emails').countDocuments({ to: gone.email });
    await expect.poll(mails, SOON).toBe(2);
  };

  test('given ten logouts and the bucket of revocations is deleted, then no earlier token is valid again and logouts stay in effect', async () => {
    const members = await tenLogouts();
    const staying = await newMember(services()[0].client);
    await streamsOf().delete(streams().revocations);
    await allThere();
    await expect.poll(() => newItem(staying.token), SOON).toMatchObject(REFUSED);
    for (const { token } of [...members, staying]) {
      expect(await newItem(token)).toMatchObject(REFUSED);
      await expect.poll(() => me(token), SOON).toMatchObject(REFUSED);
    }
    await allHolds();
    // A watch that starts again and again by itself would leave others behind.
    await expect.poll(async () => (await watchers()).length, { timeout: 30_000 }).toBe(4);
  });

  test('given auth is away when the bucket is deleted, then the new bucket refuses sessions that logged out', async () => {
    const members = await tenLogouts();
    await services()[0].stop();
    await streamsOf().delete(streams().revocations);
    await expect.poll(notes, SOON).toContainEqual(expect.stringContaining(streams().revocations));
    auth = await runAuth(bed, { ...env, PORT: new URL(services()[0].url).port });
    await expect.poll(() => newItem(members[0]?.token ?? ''), SOON).toMatchObject(REFUSED);
    for (const { token } of members) expect(await newItem(token)).toMatchObject(REFUSED);
    await allHolds();
  });

  test('given the events are deleted, then sign-ups from the time without the stream still send their e-mails', async () => {
    const [{ client }] = services();
    await streamsOf().delete(streams().events);
    const { email } = await signUp(client);
    await allThere();
    const mails = () => bed.database.db.collection('emails').countDocuments({ to: email });
    await expect.poll(mails, SOON).toBe(1);
    await allHolds();
  });

  test('given the dead letters are deleted, then listing them is no error, and the stream exists again', async () => {
    const [{ client }, , mail] = services();
    const token = await logInAdmin(client);
    await streamsOf().delete(streams().letters);
    const list = () => mail.client('GET', '/dead-letters/', { token });
    expect([200, 503]).toContain((await list()).status);
    await allThere();
    await expect.poll(list, SOON).toMatchObject({ status: 200, body: { count: 0 } });
  });

  test('given the routes are deleted, then a gateway that starts then has them all', async () => {
    await services()[3].stop();
    await streamsOf().delete(streams().routes);
    gateway = await newGateway();
    const { client } = services()[3];
    const token = await logIn(services()[0].client, (await signUp(services()[0].client)).email, 'password1');
    for (const path of ['/items/', '/users/me']) {
      await expect.poll(async () => (await client('GET', path, { token })).status, SOON).toBe(200);
    }
    await expect.poll(async () => (await client('GET', '/openapi.json')).status, SOON).toBe(200);
  });

  test('given the limits are deleted, then they are shared again', async () => {
    await streamsOf().delete(streams().limits);
    await allThere();
    const local = async () => /^quartet_limits_local (.*)$/m.exec(await services()[0].metrics.metrics())?.[1];
    await expect
      .poll(async () => {
        await newMember(services()[0].client);
        return local();
      }, SOON)
      .toBe('0');
  });

  test('given the broker is killed and its files are gone, then everything is created again, and no waiting event is lost', async () => {
    const [{ client }] = services();
    const members = await tenLogouts();
    const waiting = await newMember(client);
    await own.kill();
    const { email } = await signUp(client);
    expect((await logOut(waiting.token)).status).toBe(200);
    await own.loseFiles();
    await own.start();
    await allThere();
    for (const { token } of [...members, waiting]) {
      await expect.poll(() => newItem(token), SOON).toMatchObject(REFUSED);
    }
    const mails = () => bed.database.db.collection('emails').countDocuments({ to: email });
    await expect.poll(mails, { timeout: 30_000 }).toBe(1);
    await allHolds();
    // The gateway's part of what was there.
    await expect.poll(() => readLastDocument(operator.broker), SOON).toContain('"openapi"');
    await expect.poll(notes, SOON).toEqual([]);
  });

  test.each([
    ['goes on', false],
    ['is restarted meanwhile', true],
  ])(
    'given the broker comes back with files of an earlier time and auth %s, then no service accepts an earlier token',
    async (_how, isRestarted) => {
      await own.kill();
      await own.keepFiles();
      await own.start();
      await expect.poll(notes, SOON).toEqual([]);
      const { state } = await streamsOf().info(streams().revocations);
      const members = await tenLogouts();
      await expect.poll(remembered, SOON).toBeGreaterThanOrEqual(state.last_seq + members.length);
      if (isRestarted) await services()[0].stop();
      await own.kill();
      await own.loseFiles();
      await own.start();
      if (isRestarted) auth = await runAuth(bed, { ...env, PORT: new URL(services()[0].url).port });
      // It knows nothing but what the bucket says.
      const later = await runItems(bed, services()[0], env);
      onTestFinished(() => later.stop());
      for (const { token } of members) {
        const list = () => later.client('GET', '/items/', { token });
        await expect.poll(list, SOON).toMatchObject(REFUSED);
      }
      await allHolds();
    },
  );
});
