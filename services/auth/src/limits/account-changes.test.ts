import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newEmail, PASSWORD } from '../../../../tests/support/accounts.ts';
import type { Answer, Client } from '../../../../tests/support/client.ts';
import { logIn } from '../../../../tests/support/client.ts';
import { documentOf } from '../../../../tests/support/events.ts';
import {
  expectTooMany,
  type LimitedAuth,
  newAddress,
  runLimitedAuth,
} from '../../../../tests/support/limits.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let auth: LimitedAuth;
let client: Client;

beforeAll(async () => {
  bed = await startTestbed();
  auth = await runLimitedAuth(bed, {
    LIMIT_SIGNUPS_PER_ADDRESS: '3/hour',
    LIMIT_ACCOUNT_CHANGES_PER_USER: '3/hour',
    LIMIT_ACCOUNT_CHANGES_PER_ADDRESS: '5/hour',
    LIMIT_UNDOS_PER_ADDRESS: '4/hour',
  });
  client = auth.replicas[0].client;
});
afterAll(() => bed.stop());

const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

/** A user with a session; each signs up from an address of its own. */
async function newUser() {
  const email = newEmail();
  const body = { email, password: PASSWORD };
  const { status, body: user } = await client('POST', '/users/signup', { body, ...from(newAddress()) });
  expect(status).toBe(200);
  return { ...(user as { id: string }), email, token: await logIn(client, email, PASSWORD) };
}

const moveTo = (token: string, email: string, address = newAddress(), method = 'PATCH', at = client) =>
  at(method, '/users/me', { token, body: { email }, ...from(address) });
const setPassword = (token: string, current: string, wanted: string, address = newAddress()) =>
  client('PATCH', '/users/me/password', {
    token,
    body: { current_password: current, new_password: wanted },
    ...from(address),
  });

async function times(count: number, ask: (n: number) => Promise<Answer>): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < count; n += 1) statuses.push((await ask(n)).status);
  return statuses;
}

describe('addresses and passwords that a session changes', () => {
  test('given a session that tries known addresses, then it gets only as many answers as the limit, over both replicas', async () => {
    const { token } = await newUser();
    const { email: known } = await newUser();
    const asked = await times(3, (n) =>
      moveTo(
        token,
        known,
        newAddress(),
        n === 0 ? 'PUT' : 'PATCH',
        auth.replicas[n % 2 === 0 ? 0 : 1].client,
      ),
    );
    expect(asked).toEqual([409, 409, 409]);
    for (const replica of auth.replicas) {
      const refused = await moveTo(token, known, newAddress(), 'PATCH', replica.client);
      expect(expectTooMany(refused)).toBe(1_200);
    }
    expectTooMany(await moveTo(token, newEmail(), newAddress(), 'PUT'));
    auth.clock.advance(1_200_000);
    expect((await moveTo(token, newEmail())).status).toBe(200);
  });

  test('given 30 at once on both replicas, then exactly the limit is answered', async () => {
    const { token, id } = await newUser();
    const all = auth.replicas.flatMap((replica) =>
      Array.from({ length: 15 }, () => moveTo(token, newEmail(), newAddress(), 'PATCH', replica.client)),
    );
    const statuses = (await Promise.all(all)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
    expect(statuses.filter((status) => status === 429)).toHaveLength(27);
    expect(await documentOf(bed, 'users', id)).toMatchObject({ revision: 3 });
  });

  test('given alternating changes of address and password, then they share one limit', async () => {
    const { token } = await newUser();
    expect((await moveTo(token, newEmail())).status).toBe(200);
    expect((await setPassword(token, PASSWORD, 'password2')).status).toBe(200);
    expect((await moveTo(token, newEmail())).status).toBe(200);
    expectTooMany(await setPassword(token, 'password2', 'password3'));
    expectTooMany(await moveTo(token, newEmail()));
    // A wrong password has a limit of its own, as at the login.
    expect((await setPassword(token, 'no password', 'password3')).status).toBe(400);
  });

  test('given several users at one caller, then the caller has a limit too', async () => {
    const address = newAddress();
    const users = await Promise.all(Array.from({ length: 6 }, newUser));
    const statuses = await times(5, (n) => moveTo(users[n]?.token ?? '', newEmail(), address));
    expect(statuses).toEqual([200, 200, 200, 200, 200]);
    expectTooMany(await moveTo(users[5]?.token ?? '', newEmail(), address));
    expectTooMany(await setPassword(users[5]?.token ?? '', PASSWORD, 'password2', address));
    expect((await moveTo(users[5]?.token ?? '', newEmail())).status).toBe(200);
  });

  test('given names, the own address, or wrong input, then nothing is counted', async () => {
    const { token, email } = await newUser();
    const address = newAddress();
    const rename = (n: number) =>
      client('PATCH', '/users/me', { token, body: { full_name: `Name ${n}`, email: email.toUpperCase() } });
    expect(new Set(await times(10, rename))).toEqual(new Set([200]));
    expect(new Set(await times(10, () => moveTo(token, 'no address', address)))).toEqual(new Set([422]));
    expect(await times(3, () => moveTo(token, newEmail(), address))).toEqual([200, 200, 200]);
  });
});

test('given undos from one address, then they have a limit, and another address is not affected', async () => {
  const address = newAddress();
  const undo = (at: string) =>
    client('POST', '/users/undo-email-change', { body: { token: 'x' }, ...from(at) });
  expect(await times(4, () => undo(address))).toEqual([400, 400, 400, 400]);
  expect(expectTooMany(await undo(address))).toBe(900);
  expect((await undo(newAddress())).status).toBe(400);
});

test('given users made for tests, then they count as sign-ups, and a taken address gets the same answer', async () => {
  const address = newAddress();
  const make = (email = newEmail()) =>
    client('POST', '/private/users/', {
      body: { email, password: PASSWORD, full_name: 'Test' },
      ...from(address),
    });
  const taken = newEmail();
  expect((await make(taken)).status).toBe(200);
  expect(await make(taken)).toMatchObject({
    status: 400,
    body: { detail: 'The user with this email already exists in the system' },
  });
  const body = { email: newEmail(), password: PASSWORD };
  expect((await client('POST', '/users/signup', { body, ...from(address) })).status).toBe(200);
  expect(expectTooMany(await make())).toBe(1_200);
});

test('given refusals, then they are counted by limit', async () => {
  const [one, other] = await Promise.all(auth.replicas.map(({ metrics }) => metrics.metrics()));
  for (const limit of ['account_changes_per_user', 'account_changes_per_address', 'undos_per_address']) {
    expect(`${one}${other}`).toMatch(new RegExp(`quartet_rate_limited_total\\{limit="${limit}"\\} [1-9]`));
  }
});
