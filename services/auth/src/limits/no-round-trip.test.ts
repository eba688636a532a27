import { afterAll, beforeAll, expect, test } from 'vitest';
import { logInAdmin, newEmail, newMember, PASSWORD } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { runLimitedAuth, tryPassword } from '../../../../tests/support/limits.ts';
import { runAuth } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let auth: Client;
let asked: string[];

beforeAll(async () => {
  bed = await startTestbed();
  auth = (await runLimitedAuth(bed)).replicas[0].client;
  asked = [];
  const { nc, names } = bed.broker;
  const bucket = `KV_${names.limits}`;
  // Every way to read or write the bucket.
  for (const subject of [`$KV.${names.limits}.>`, `$JS.API.*.*.*.${bucket}`, `$JS.API.*.*.${bucket}.>`]) {
    nc.subscribe(subject, { callback: (_err, message) => void asked.push(message.subject) });
  }
  await nc.flush();
});
afterAll(() => bed.stop());

/** What the broker is asked about limits during some work. */
async function askedDuring(work: () => Promise<unknown>): Promise<string[]> {
  asked.length = 0;
  await work();
  await bed.broker.nc.flush();
  return [...asked];
}

test('given routes without limits, then they send no request to the broker', async () => {
  // Logged in where nothing is counted, so that nothing is given back while this looks on.
  const unlimited = (await runAuth(bed)).client;
  const { token, id, email } = await newMember(unlimited);
  const admin = await logInAdmin(unlimited);
  const routes = await askedDuring(async () => {
    await auth('GET', '/users/me', { token });
    await auth('POST', '/login/test-token', { token });
    await auth('GET', `/users/${id}`, { token: admin });
    await auth('GET', '/users/', { token: admin });
    await auth('PATCH', '/users/me', { token, body: { full_name: 'Name', email } });
    await auth('POST', '/users/', { token: admin, body: { email: newEmail(), password: PASSWORD } });
    await auth('POST', '/reset-password/', { body: { token: 'none', new_password: PASSWORD } });
    await auth('DELETE', '/users/me', { token });
  });
  expect(routes).toEqual([]);
});

test('given routes with limits, then the same observer sees their requests to the broker', async () => {
  const { names } = bed.broker;
  const body = { email: newEmail(), password: PASSWORD };
  const signUp = await askedDuring(() => auth('POST', '/users/signup', { body }));
  expect(signUp).toEqual([
    `$JS.API.STREAM.MSG.GET.KV_${names.limits}`,
    expect.stringMatching(/^\$KV\.\w+\.signups_per_address\./),
  ]);
  const made = { ...body, email: newEmail(), full_name: 'Test' };
  expect((await askedDuring(() => auth('POST', '/private/users/', { body: made }))).length).toBe(2);
  expect((await askedDuring(() => auth('POST', `/password-recovery/${newEmail()}`))).length).toBe(4);
  expect((await askedDuring(() => tryPassword(auth, newEmail(), 'wrong pass'))).length).toBe(4);
});
