import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newEmail, PASSWORD, signUp } from '../../../../tests/support/accounts.ts';
import { attack, statuses, times, WRONG } from '../../../../tests/support/attack.ts';
import type { Client } from '../../../../tests/support/client.ts';
import {
  expectTooMany,
  type LimitedAuth,
  runLimitedAuth,
  tryPassword,
} from '../../../../tests/support/limits.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let auth: LimitedAuth;
let one: Client;
let other: Client;

beforeAll(async () => {
  bed = await startTestbed();
  auth = await runLimitedAuth(bed);
  [one, other] = [auth.replicas[0].client, auth.replicas[1].client];
});
afterAll(() => bed.stop());

/** Uses up what is free. */
async function slowDown(email: string, auth = one): Promise<void> {
  for (let n = 0; n < 10; n += 1) expect((await tryPassword(auth, email, WRONG)).status).toBe(400);
}

describe.each([
  ['an address that a user has', async () => (await signUp(one)).email],
  ['an address that nobody has', async () => newEmail()],
])('100 wrong passwords at once over two replicas, for %s', (_whose, emailOf) => {
  test('then ten are compared at once, three wait for their slots, the rest is refused', async () => {
    const { answers, all } = attack(auth, await emailOf(), 100);
    await expect.poll(() => [answers.length, auth.clock.sleepers()]).toEqual([97, 3]);
    expect(statuses(answers)).toBe([...times(400, 10), ...times(429, 87)].join());
    const refused = answers.filter(({ status }) => status === 429);
    for (const answer of refused) expect(expectTooMany(answer)).toBe(5);

    const compared = async (count: number) =>
      expect.poll(() => [answers.length, auth.clock.sleepers()]).toEqual([97 + count, 3 - count]);
    auth.clock.advance(999);
    await compared(0);
    auth.clock.advance(1);
    await compared(1);
    auth.clock.advance(2_000);
    await compared(2);
    auth.clock.advance(4_000);
    await compared(3);
    expect(statuses(await all)).toBe([...times(400, 13), ...times(429, 87)].join());
  });
});

test('given a known and an unknown address, then the sequence of answers is the same', async () => {
  const sequence = async (email: string): Promise<unknown[]> => {
    const seen: unknown[] = [];
    for (let n = 0; n < 30; n += 1) {
      const asking = attack(auth, email, 1);
      await expect.poll(() => asking.answers.length + auth.clock.sleepers()).toBe(1);
      seen.push(asking.answers.length === 1 ? 'at once' : 'later');
      // As long as anybody waits: the same time passes for both addresses.
      if (asking.answers.length === 0) auth.clock.advance(10_000);
      const [answer] = await asking.all;
      seen.push([answer?.status, answer?.text, answer?.headers.get('retry-after')]);
      auth.clock.advance(2_500);
    }
    return seen;
  };
  const known = await sequence((await signUp(one)).email);
  expect(known).toEqual(await sequence(newEmail()));
  expect(known.flat()).toEqual(expect.arrayContaining(['at once', 'later', 400, 429]));
});

describe('the right password', () => {
  test('given it is among the free attempts, then the count is zero again, on both replicas', async () => {
    const { email } = await signUp(one);
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 9; n += 1) expect((await tryPassword(one, email, WRONG)).status).toBe(400);
      expect((await tryPassword(other, email, PASSWORD)).status).toBe(200);
    }
  });

  test('given 60 logins at once, then all succeed without a wait', async () => {
    const { email } = await signUp(one);
    const logins = Array.from({ length: 60 }, (_, n) => tryPassword(n % 2 ? one : other, email, PASSWORD));
    expect(statuses(await Promise.all(logins))).toBe(times(200, 60).join());
    expect(auth.clock.sleepers()).toBe(0);
  });

  test('given the account is slowed down, then it waits for its slot, and the next does not wait', async () => {
    const { email } = await signUp(one);
    await slowDown(email);
    const waiting = tryPassword(other, email, PASSWORD);
    await expect.poll(() => auth.clock.sleepers()).toBe(1);
    auth.clock.advance(1_000);
    expect((await waiting).status).toBe(200);
    expect((await tryPassword(one, email, PASSWORD)).status).toBe(200);
  });
});

test('given an hour without attempts, then they are forgotten', async () => {
  const email = newEmail();
  await slowDown(email);
  auth.clock.advance(3_600_000 + 1_000);
  await slowDown(email);
});

describe('an attempt that waits', () => {
  test('given its caller disconnects, then it ends', async () => {
    const email = newEmail();
    await slowDown(email);
    const controller = new AbortController();
    const asking = fetch(`${auth.replicas[0].url}/api/v1/login/access-token`, {
      method: 'POST',
      body: new URLSearchParams({ username: email, password: WRONG }),
      signal: controller.signal,
    });
    await expect.poll(() => auth.clock.sleepers()).toBe(1);
    controller.abort();
    await expect(asking).rejects.toThrow();
    await expect.poll(() => auth.clock.sleepers()).toBe(0);
  });

  test('given auth stops, then the answer is a 503 at once, and the attempt does not count', async () => {
    const { replicas, clock } = await runLimitedAuth(bed);
    const email = newEmail();
    await slowDown(email, replicas[0].client);
    const waiting = tryPassword(replicas[0].client, email, WRONG);
    await expect.poll(() => clock.sleepers()).toBe(1);
    await replicas[0].stop();
    expect((await waiting).status).toBe(503);
    // It would have doubled the pause to two seconds.
    const next = tryPassword(replicas[1].client, email, WRONG);
    await expect.poll(() => clock.sleepers()).toBe(1);
    clock.advance(1_000);
    expect((await next).status).toBe(400);
  });
});
