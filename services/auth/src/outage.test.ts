import { ObjectId } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { adminUpdates, logInAdmin, newEmail, newMember } from '../../../tests/support/accounts.ts';
import { canKillBroker, type OwnBroker, startOwnBroker } from '../../../tests/support/own-broker.ts';
import { type Running, runAuth, runItems } from '../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../tests/support/testbed.ts';
import type { User } from './users/user.ts';
import { createUser } from './users/users.ts';

let bed: Testbed;
let broker: OwnBroker;
let env: Record<string, string>;

beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

beforeEach(async () => {
  broker = await startOwnBroker();
  env = { NATS_URL: broker.url };
});
afterEach(() => broker.stop());

const refused = { status: 403, body: { detail: 'Could not validate credentials' } };
const me = ({ client }: Running, token: string) => client('GET', '/users/me', { token });
const list = ({ client }: Running, token: string) => client('GET', '/items/', { token });
const metric = async ({ metrics }: Running, name: string) =>
  Number(new RegExp(`^${name} (.*)$`, 'm').exec(await metrics.metrics())?.[1]);
const noticed = async (running: Running) =>
  expect.poll(() => metric(running, 'quartet_broker_connected'), { timeout: 20_000 }).toBe(0);

/** Users whose sign-up was not told yet either, and before anything else: a sweep has its hands full with them. */
async function fillBacklog(count: number): Promise<void> {
  const users = bed.database.db.collection<User>('users');
  const now = new Date(0);
  const fields = { full_name: null, hashed_password: '', is_active: true, is_superuser: false };
  await users.insertMany(
    Array.from({ length: count }, () =>
      createUser(new ObjectId(), { ...fields, email: newEmail() }, 'private', { now }),
    ),
  );
}

test.skipIf(!canKillBroker)(
  'given the broker is stopped, then a logout takes effect here, other replicas still answer, and learn of it when it is back',
  { timeout: 60_000 },
  async () => {
    const auth = await runAuth(bed, env);
    const items = await runItems(bed, auth, env);
    const admin = await logInAdmin(auth.client);
    const [out, idle, busy] = [
      await newMember(auth.client),
      await newMember(auth.client),
      await newMember(auth.client),
    ];
    for (const { token } of [out, idle, busy]) expect((await list(items, token)).status).toBe(200);
    await broker.kill();
    await noticed(items);

    expect((await auth.client('POST', '/logout', { token: out.token })).status).toBe(200);
    await adminUpdates(auth.client, admin, idle.id, { is_active: false });
    expect(await me(auth, out.token)).toMatchObject(refused);
    expect(await me(auth, idle.token)).toMatchObject({ status: 400, body: { detail: 'Inactive user' } });
    // What items knew it still knows, and it refuses nobody for the broker's sake.
    expect((await list(items, busy.token)).status).toBe(200);
    expect(await metric(items, 'quartet_revocations_behind_seconds')).toBeGreaterThan(0);
    expect(bed.logLines()).toContainEqual(
      expect.objectContaining({ level: 40, msg: expect.stringContaining('revocations come late') }),
    );
    expect((await items.health()).notes.join()).toContain('revocations come late');

    await broker.start();
    await expect.poll(() => list(items, out.token), { timeout: 20_000 }).toMatchObject(refused);
    await expect.poll(() => list(items, idle.token)).toMatchObject({ status: 400 });
    expect((await list(items, busy.token)).status).toBe(200);
    expect(await metric(items, 'quartet_revocations_behind_seconds')).toBe(0);
    await Promise.all([auth.stop(), items.stop()]);
  },
);

test.skipIf(!canKillBroker)(
  'given a logout that was not published before auth ended, then the next process knows it before its first answer',
  { timeout: 60_000 },
  async () => {
    const auth = await runAuth(bed, env);
    const { token } = await newMember(auth.client);
    const admin = await logInAdmin(auth.client);
    const promoted = await newMember(auth.client);
    await broker.kill();
    await noticed(auth);
    expect((await auth.client('POST', '/logout', { token })).status).toBe(200);
    await adminUpdates(auth.client, admin, promoted.id, { is_superuser: true });
    await auth.stop();
    await fillBacklog(2_000);
    await broker.start();

    const next = await runAuth(bed, env);
    expect(await me(next, token)).toMatchObject(refused);
    expect((await next.client('GET', '/users/', { token: promoted.token })).status).toBe(200);
    const items = await runItems(bed, next, env);
    expect(await list(items, token)).toMatchObject(refused);
    await Promise.all([next.stop(), items.stop()]);
  },
);

test.skipIf(!canKillBroker)(
  'given the broker is frozen, then a logout waits for it only shortly, and is published when it continues',
  { timeout: 60_000 },
  async () => {
    const auth = await runAuth(bed, env);
    const items = await runItems(bed, auth, env);
    const { token } = await newMember(auth.client);
    broker.freeze();
    expect((await auth.client('POST', '/logout', { token })).status).toBe(200);
    expect(await me(auth, token)).toMatchObject(refused);
    expect((await list(items, token)).status).toBe(200);
    broker.thaw();
    await expect.poll(() => list(items, token), { timeout: 20_000 }).toMatchObject(refused);
    await Promise.all([auth.stop(), items.stop()]);
  },
);

test('given a broker that lost its data, then no earlier token is valid, and new ones are', async () => {
  const auth = await runAuth(bed, env);
  const { token } = await newMember(auth.client);
  await auth.stop();
  const empty = await startOwnBroker();
  bed.stopLater(() => empty.stop());
  const again = await runAuth(bed, { NATS_URL: empty.url });
  // However young it is.
  expect(await me(again, token)).toMatchObject(refused);
  const { token: newer } = await newMember(again.client);
  expect((await me(again, newer)).status).toBe(200);
  await again.stop();
});
