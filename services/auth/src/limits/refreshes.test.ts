import { afterAll, beforeAll, expect, test } from 'vitest';
import { newEmail, PASSWORD } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import {
  expectTooMany,
  type LimitedAuth,
  newAddress,
  runLimitedAuth,
} from '../../../../tests/support/limits.ts';
import {
  invalidRefreshToken,
  logInBrowser,
  logInOffline,
  refresh,
  refreshByCookie,
  refreshed,
} from '../../../../tests/support/sessions.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let auth: LimitedAuth;
let client: Client;

beforeAll(async () => {
  bed = await startTestbed();
  auth = await runLimitedAuth(bed, {
    LIMIT_REFRESHES_PER_SESSION: '3/hour',
    LIMIT_REFRESHES_PER_ADDRESS: '6/hour',
  });
  client = auth.replicas[0].client;
});
afterAll(() => bed.stop());

const from = (address: string) => ({ 'x-forwarded-for': address });

async function newUser(): Promise<string> {
  const email = newEmail();
  await client('POST', '/users/signup', { body: { email, password: PASSWORD }, headers: from(newAddress()) });
  return email;
}

test('given a session that refreshes in a loop, then it is refused over both replicas, and works an hour later', async () => {
  const email = await newUser();
  let { refresh_token } = await logInOffline(client, email);
  const other = await logInOffline(client, email);
  for (const at of [0, 1, 0]) {
    const replica = auth.replicas[at as 0 | 1].client;
    const { body } = await refresh(replica, refresh_token, from(newAddress()));
    ({ refresh_token } = body as { refresh_token: string });
  }
  for (const { client: replica } of auth.replicas) {
    expectTooMany(await refresh(replica, refresh_token, from(newAddress())));
  }
  await refreshed(client, other.refresh_token);
  auth.clock.advance(3_600_000);
  expect((await refresh(client, refresh_token, from(newAddress()))).status).toBe(200);
});

test('given many tokens that are none from one address, then that address is refused, by form and by cookie', async () => {
  const address = newAddress();
  for (let n = 0; n < 6; n += 1) {
    expect(await refresh(client, `none ${n}`, from(address))).toMatchObject(invalidRefreshToken);
  }
  const { cookie } = await logInBrowser(client, await newUser(), from(newAddress()));
  expectTooMany(await refreshByCookie(client, cookie, from(address)));
  expectTooMany(await refresh(auth.replicas[1].client, 'none', from(address)));
  expect((await refreshByCookie(client, cookie, from(newAddress()))).status).toBe(200);
});
