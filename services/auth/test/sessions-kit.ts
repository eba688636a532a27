import { ObjectId } from 'mongodb';
import { expect } from 'vitest';
import { newEmail, signUp } from '../../../tests/support/accounts.ts';
import { fixture } from '../../../tests/support/fixtures.ts';
import { addressesOf, type Running, runAuth, runGateway, runItems } from '../../../tests/support/services.ts';
import type { Testbed } from '../../../tests/support/testbed.ts';
import { nobodyAt } from '../../../tests/support/third-party.ts';
import type { StoredSession } from '../src/sessions/stored-session.ts';

export const FRONTEND = 'https://app.example';
export const TRUSTED = { TRUSTED_PROXIES: '127.0.0.1' };
export const notValid = { status: 403, body: { detail: 'Could not validate credentials' } };

type Processes = Record<'auth' | 'replica' | 'items' | 'gateway', Running>;

/** Two replicas of auth, items and a gateway, which trust the address that a proxy forwards. */
export const sessionsFixture = () =>
  fixture(async (bed) => {
    const env = { ...TRUSTED, FRONTEND_HOST: FRONTEND, BACKEND_CORS_ORIGINS: 'http://localhost:5173' };
    const auth = await runAuth(bed, env);
    const replica = await runAuth(bed, env);
    const items = await runItems(bed, auth);
    const NOTIFIER_URL = await nobodyAt();
    const gateway = await runGateway(bed, { ...env, ...addressesOf({ auth, items }), NOTIFIER_URL }, [
      '/emails',
    ]);
    const processes = { auth, replica, items, gateway };
    return { ...processes, ...sessionChecks(bed, processes) };
  });

function sessionChecks(bed: Testbed, { auth, replica, items, gateway }: Processes) {
  const sessionsOf = (id: string) =>
    bed.database.db.collection<StoredSession>('sessions').find({ user_id: new ObjectId(id) });

  async function newUser() {
    const email = newEmail();
    return { ...(await signUp(auth.client, email)), email };
  }

  /** Every process refuses the token. */
  async function expectEnded(token: string): Promise<void> {
    for (const { client } of [auth, replica, gateway]) {
      await expect.poll(() => client('GET', '/users/me', { token })).toMatchObject(notValid);
    }
    await expect.poll(() => items.client('GET', '/items/', { token })).toMatchObject(notValid);
  }

  async function expectOpen(token: string): Promise<void> {
    for (const { client } of [auth, replica, gateway]) {
      expect((await client('GET', '/users/me', { token })).status).toBe(200);
    }
  }

  return { sessionsOf, newUser, expectEnded, expectOpen };
}
