import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newEmail, PASSWORD, signUp } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import {
  expectTooMany,
  type LimitedAuth,
  newAddress,
  runLimitedAuth,
  tryPassword,
} from '../../../../tests/support/limits.ts';
import { canKillBroker, type OwnBroker, startOwnBroker } from '../../../../tests/support/own-broker.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

const LIMITED = { LIMIT_LOGIN_FAILURES_PER_ADDRESS: '6/hour', LOGIN_SLOWDOWN_AFTER: '4' };
/** As in production. */
const LIMITS_WAIT_MS = 500;

/** What is true however the broker is away; `away` and `back` make it so. */
type Absence = { away: (broker: OwnBroker) => Promise<void>; back: (broker: OwnBroker) => Promise<void> };

describe.runIf(canKillBroker).each<[string, Absence]>([
  ['killed', { away: (broker) => broker.kill(), back: (broker) => broker.start() }],
  ['frozen', { away: async (broker) => broker.freeze(), back: async (broker) => broker.thaw() }],
])('given a broker that is %s', (_how, absence) => {
  let bed: Testbed;
  let broker: OwnBroker;
  let auth: LimitedAuth;
  let one: Client;
  let other: Client;
  const address = newAddress();
  const email = newEmail();

  beforeAll(async () => {
    [bed, broker] = await Promise.all([startTestbed(), startOwnBroker()]);
    auth = await runLimitedAuth(bed, { ...LIMITED, NATS_URL: broker.url }, LIMITS_WAIT_MS);
    [one, other] = [auth.replicas[0].client, auth.replicas[1].client];
    await signUp(one, email);
    // What the first replica alone has seen by then.
    for (let n = 0; n < 2; n += 1) await tryPassword(one, newEmail(), 'wrong pass', address);
    await absence.away(broker);
  });
  afterAll(async () => {
    broker.thaw();
    await bed.stop();
    await broker.stop();
  });

  const failures = async (client: Client, from: string): Promise<number> => {
    for (let count = 0; ; count += 1) {
      const answer = await tryPassword(client, newEmail(), 'wrong pass', from);
      if (answer.status === 400) continue;
      expectTooMany(answer);
      return count;
    }
  };
  const said = (msg: string) => bed.logLines().filter((line) => line.msg === msg);
  const gauge = async () => {
    const texts = await Promise.all(auth.replicas.map(({ metrics }) => metrics.metrics()));
    return texts.map((text) => /^quartet_limits_local (\d)/m.exec(text)?.[1]).join();
  };

  test('then logins are answered in time, also when there are many at once', async () => {
    const startedAt = performance.now();
    const logins = Array.from({ length: 30 }, () => tryPassword(one, email, PASSWORD, newAddress()));
    for (const { status } of await Promise.all(logins)) expect(status).toBe(200);
    // A few waits for the broker, not one after the other for each.
    expect(performance.now() - startedAt).toBeLessThan(10 * LIMITS_WAIT_MS);
  });

  test('then each replica counts alone, and starts with the counts that it knows', async () => {
    expect([await failures(one, address), await failures(other, address)]).toEqual([4, 6]);
    const other_ = newAddress();
    expect([await failures(one, other_), await failures(other, other_)]).toEqual([6, 6]);
  });

  test('then an account is still slowed down, and a new password ends that', async () => {
    const target = newEmail();
    await signUp(one, target);
    for (let n = 0; n < 4; n += 1) expect((await tryPassword(one, target, 'wrong pass')).status).toBe(400);
    const waiting = tryPassword(one, target, PASSWORD);
    await expect.poll(() => auth.clock.sleepers()).toBe(1);
    auth.clock.advance(1_000);
    expect((await waiting).status).toBe(200);
    expect((await tryPassword(one, target, PASSWORD)).status).toBe(200);
  });

  test('then the log says so once for each replica', async () => {
    expect(await gauge()).toBe('1,1');
    expect(said('limits count in this process alone: the broker is away')).toHaveLength(2);
  });

  test('when it is back, then the limits are shared again', async () => {
    await absence.back(broker);
    const knows = async () => {
      await Promise.all([one, other].map((client) => tryPassword(client, newEmail(), 'wrong pass')));
      return gauge();
    };
    await expect.poll(knows, { timeout: 20_000, interval: 200 }).toBe('0,0');
    expect(said('limits are shared with the other replicas again')).toHaveLength(2);
    const fresh = newAddress();
    expect([await failures(one, fresh), await failures(other, fresh)]).toEqual([6, 0]);
  });
});
