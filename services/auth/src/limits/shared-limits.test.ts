import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newEmail, PASSWORD, signUp } from '../../../../tests/support/accounts.ts';
import type { Answer, Client } from '../../../../tests/support/client.ts';
import {
  expectTooMany,
  type LimitedAuth,
  newAddress,
  runLimitedAuth,
  tryPassword,
} from '../../../../tests/support/limits.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let auth: LimitedAuth;

beforeAll(async () => {
  bed = await startTestbed();
  auth = await runLimitedAuth(bed, {
    LIMIT_LOGIN_FAILURES_PER_ADDRESS: '4/hour',
    LIMIT_SIGNUPS_PER_ADDRESS: '3/hour',
    LIMIT_RECOVERIES_PER_EMAIL: '3/2 hours',
    LIMIT_RECOVERIES_PER_ADDRESS: '5/hour',
  });
});
afterAll(() => bed.stop());

const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
const failToLogIn = (client: Client, address: string) =>
  tryPassword(client, newEmail(), 'wrong pass', address);
const signUpFrom = (client: Client, address: string) =>
  client('POST', '/users/signup', { body: { email: newEmail(), password: PASSWORD }, ...from(address) });
const recover = (client: Client, email: string, address = newAddress()) =>
  client('POST', `/password-recovery/${email}`, from(address));

/** One after the other, the replicas taking turns. */
async function inTurns(times: number, ask: (client: Client) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let n = 0; n < times; n += 1) answers.push(await ask(auth.replicas[n % 2 === 0 ? 0 : 1].client));
  return answers;
}

describe.each([
  { what: 'failed logins from one address', count: 4, seconds: 900, good: 400, ask: failToLogIn },
  { what: 'sign-ups from one address', count: 3, seconds: 1_200, good: 200, ask: signUpFrom },
  {
    what: 'recoveries from one address',
    count: 5,
    seconds: 720,
    good: 200,
    ask: (client: Client, address: string) => recover(client, newEmail(), address),
  },
  {
    what: 'recoveries of one e-mail address that nobody has',
    count: 3,
    seconds: 2_400,
    good: 200,
    ask: (client: Client, name: string) => recover(client, `nobody-at-${name}@example.com`),
  },
])('$what', ({ count, seconds, good, ask }) => {
  test('given two replicas, then they share the limit; a request passes after Retry-After, and not before', async () => {
    const who = newAddress();
    const answers = await inTurns(count, (client) => ask(client, who));
    expect(answers.map(({ status }) => status)).toEqual(Array(count).fill(good));
    for (const refused of await inTurns(2, (client) => ask(client, who))) {
      expect(expectTooMany(refused)).toBe(seconds);
    }
    expect((await ask(auth.replicas[0].client, newAddress())).status).toBe(good);

    auth.clock.advance((seconds - 1) * 1_000);
    expectTooMany(await ask(auth.replicas[1].client, who));
    auth.clock.advance(1_000);
    expect((await ask(auth.replicas[1].client, who)).status).toBe(good);
  });

  test('given many at once on both replicas, then exactly the count passes', async () => {
    const who = newAddress();
    const all = auth.replicas.flatMap(({ client }) => Array.from({ length: 15 }, () => ask(client, who)));
    const statuses = (await Promise.all(all)).map(({ status }) => status);
    expect(statuses.filter((status) => status === good)).toHaveLength(count);
    expect(statuses.filter((status) => status === 429)).toHaveLength(30 - count);
  });
});

test('given addresses of one IPv6 /64, then they are one caller; the next /64 is another', async () => {
  const addresses = ['2001:db8:7:1::1', '2001:db8:7:1:ffff::2', '2001:0db8:0007:0001::3'];
  for (const address of addresses)
    expect((await signUpFrom(auth.replicas[0].client, address)).status).toBe(200);
  expectTooMany(await signUpFrom(auth.replicas[1].client, '2001:db8:7:1:1:2:3:4'));
  expect((await signUpFrom(auth.replicas[1].client, '2001:db8:7:2::1')).status).toBe(200);
});

test('given logins that succeed, then they do not count', async () => {
  const { email } = await signUp(auth.replicas[0].client);
  const address = newAddress();
  const answers = await inTurns(20, (client) => tryPassword(client, email, PASSWORD, address));
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
});

test('given wrong input, then the answer is a 422 and does not count', async () => {
  const address = newAddress();
  const [{ client }] = auth.replicas;
  for (let n = 0; n < 6; n += 1) {
    expect((await client('POST', '/users/signup', { body: { email: 'no' }, ...from(address) })).status).toBe(
      422,
    );
  }
  for (let n = 0; n < 3; n += 1) expect((await signUpFrom(client, address)).status).toBe(200);
  expectTooMany(await signUpFrom(client, address));
  expect((await client('POST', '/users/signup', { body: {}, ...from(address) })).status).toBe(422);
});

test('given refusals, then they are counted by limit', async () => {
  const [one, other] = await Promise.all(auth.replicas.map(({ metrics }) => metrics.metrics()));
  for (const limit of ['signups_per_address', 'recoveries_per_email', 'login_failures_per_address']) {
    expect(`${one}${other}`).toMatch(new RegExp(`quartet_rate_limited_total\\{limit="${limit}"\\} [1-9]`));
  }
  expect(one).toContain('quartet_limits_local 0');
});

test('given the bucket, then it contains no address', async () => {
  const { jsm, names } = bed.broker;
  const info = await jsm.streams.info(`KV_${names.limits}`, { subjects_filter: '>' });
  const keys = Object.keys(info.state.subjects ?? {});
  expect(keys.length).toBeGreaterThan(10);
  expect(keys.join()).not.toMatch(/198\.51|2001|@|example/);
  for (const key of keys) expect(key).toMatch(/\.[a-z_]+\.[\w-]{43}$/);
});
