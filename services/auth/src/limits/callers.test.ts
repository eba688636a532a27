import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newEmail, PASSWORD } from '../../../../tests/support/accounts.ts';
import type { Client } from '../../../../tests/support/client.ts';
import { expectTooMany } from '../../../../tests/support/limits.ts';
import { runAuth, runGateway } from '../../../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { nobodyAt } from '../../../../tests/support/third-party.ts';

/** Each test has a broker of its own, since all callers of a gateway have one address. */
let bed: Testbed;
beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

let worlds = 0;

/** auth behind a gateway, with counts of their own. */
async function behindGateway(trusted: { byAuth: string; byGateway: string }): Promise<Client> {
  worlds += 1;
  const world = { NATS_NAMESPACE: `${bed.env.NATS_NAMESPACE}_${worlds}` };
  const auth = await runAuth(bed, {
    ...world,
    RATE_LIMITS: 'on',
    LIMIT_SIGNUPS_PER_ADDRESS: '3/hour',
    TRUSTED_PROXIES: trusted.byAuth,
  });
  const nobody = await nobodyAt();
  const addresses = { AUTH_URL: auth.url, ITEMS_URL: nobody, NOTIFIER_URL: nobody };
  const { client } = await runGateway(bed, { ...world, ...addresses, TRUSTED_PROXIES: trusted.byGateway });
  const knowsRoutes = async () => (await client('GET', '/users/me')).status;
  await expect.poll(knowsRoutes, { timeout: 10_000 }).toBe(401);
  return client;
}

const signUp = (client: Client, claimed?: string) =>
  client('POST', '/users/signup', {
    body: { email: newEmail(), password: PASSWORD },
    headers: claimed === undefined ? {} : { 'x-forwarded-for': claimed },
  });

describe('through a gateway', () => {
  test('given a caller who claims other addresses, then it stays one caller', async () => {
    const client = await behindGateway({ byAuth: '127.0.0.1', byGateway: '' });
    for (let n = 1; n <= 3; n += 1) expect((await signUp(client, `203.0.113.${n}`)).status).toBe(200);
    expectTooMany(await signUp(client, '203.0.113.4'));
    expectTooMany(await signUp(client, '203.0.113.5, 127.0.0.1'));
    expectTooMany(await signUp(client));
  });

  test('given a trusted proxy in front of it, then each address that it forwards is a caller', async () => {
    const client = await behindGateway({ byAuth: '127.0.0.1', byGateway: '127.0.0.1' });
    for (let n = 1; n <= 3; n += 1) expect((await signUp(client, '203.0.113.1')).status).toBe(200);
    expectTooMany(await signUp(client, '203.0.113.1'));
    // What stands to the left of an address that nobody trusts is that caller's own claim.
    expectTooMany(await signUp(client, '203.0.113.9, 203.0.113.1'));
    expect((await signUp(client, '203.0.113.2')).status).toBe(200);
  });

  test('given auth does not trust the gateway, then all are one caller, and its log says so once', async () => {
    const client = await behindGateway({ byAuth: '', byGateway: '127.0.0.1' });
    for (let n = 1; n <= 3; n += 1) expect((await signUp(client, `203.0.113.${n}`)).status).toBe(200);
    expectTooMany(await signUp(client, '203.0.113.4'));
    const warnings = bed.logLines().filter(({ msg }) => String(msg).includes('TRUSTED_PROXIES'));
    expect(warnings).toHaveLength(1);
  });
});
