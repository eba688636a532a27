import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, type Client, logIn } from '../../../../tests/support/client.ts';
import { runAuth, runItems } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';

let bed: Testbed;
let items: Client;
let owner: string;
let admin: string;

beforeAll(async () => {
  bed = await startTestbed();
  const auth = await runAuth(bed);
  items = (await runItems(bed, auth)).client;
  await auth.client('POST', '/users/signup', { body: { email: 'owner@example.com', password: 'password1' } });
  owner = await logIn(auth.client, 'owner@example.com', 'password1');
  admin = await logIn(auth.client, ADMIN.email, ADMIN.password);
});
afterAll(() => bed.stop());

describe('creating an item', () => {
  test('given a title, then the item is answered and belongs to the caller', async () => {
    const { status, body } = await items('POST', '/items/', { token: owner, body: { title: 'one' } });
    expect(status).toBe(200);
    expect(body).toMatchObject({ title: 'one', description: null });
    expect(admin).not.toBe(owner);
  });
});
