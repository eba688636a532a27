import { storeRegistration } from '@quartet/common/events/kv/service-registry.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { adminUpdates, logInAdmin, newMember } from '../../../tests/support/accounts.ts';
import { gatewayFixture } from '../../../tests/support/fixtures.ts';
import { forgedTokens, noTokens } from '../../../tests/support/forged-tokens.ts';
import { allMethods } from '../../../tests/support/gateway.ts';
import { runItems } from '../../../tests/support/services.ts';

let seen = 0;

const answer = () => {
  seen += 1;
};
const all = await gatewayFixture((_req, res) => void res.end(String(answer())), {}, [
  ...allMethods('/items', 'user'),
  ...allMethods('/items/{id}', 'superuser'),
]);
const auth = all.auth.client;
const call = all.gateway.client;
const admin = await logInAdmin(auth);
beforeEach(() => {
  seen = 0;
});

async function expectRefused(token: string | undefined, status: number, detail: string): Promise<void> {
  const answer = await call('POST', '/items', { token, raw: 'not even JSON' });
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual({ detail });
}

describe('a caller without a valid token is refused before the service sees the request', () => {
  test.each(noTokens)('given $name, then it is a 401 with a challenge', async ({ headers }) => {
    const answer = await call('GET', '/items', { headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.body).toEqual({ detail: 'Not authenticated' });
    expect(seen).toBe(0);
  });

  test('given a forged, foreign or expired token, then it is a 403', async () => {
    const member = await newMember(auth);
    for (const [, token] of await forgedTokens(all.bed, member)) {
      await expectRefused(token, 403, 'Could not validate credentials');
    }
    expect(seen).toBe(0);
  });

  test('given a token of a user who is deleted, then it is a 404', async () => {
    const member = await newMember(auth);
    await auth('DELETE', '/users/me', { token: member.token });
    await expect.poll(async () => (await call('GET', '/items', { token: member.token })).status).toBe(404);
    seen = 0;
    await expectRefused(member.token, 404, 'User not found');
    expect(seen).toBe(0);
  });

  test('given a token of a user who is deactivated, then it is a 400 until they are active again', async () => {
    const { id, token } = await newMember(auth);
    await adminUpdates(auth, admin, id, { is_active: false });
    await expect.poll(async () => (await call('GET', '/items', { token })).status).toBe(400);
    seen = 0;
    await expectRefused(token, 400, 'Inactive user');
    expect(seen).toBe(0);
    await adminUpdates(auth, admin, id, { is_active: true });
    await expect.poll(async () => (await call('GET', '/items', { token })).status).toBe(200);
  });

  test('given an ordinary user on a superuser route, then it is a 403 until they are promoted', async () => {
    const { id, token } = await newMember(auth);
    const answer = await call('GET', '/items/1', { token });
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual({ detail: "The user doesn't have enough privileges" });
    expect(seen).toBe(0);
    await adminUpdates(auth, admin, id, { is_superuser: true });
    await expect.poll(async () => (await call('GET', '/items/1', { token })).status).toBe(200);
  });

  test('given a valid token, then the service sees the request', async () => {
    expect((await call('GET', '/items', { token: admin })).status).toBe(200);
    expect(seen).toBe(1);
  });
});

test('given a service that is called directly, then it checks the token itself', async () => {
  const { client } = await runItems(all.bed, all.auth);
  try {
    const member = await newMember(auth);
    expect((await client('GET', '/items/')).status).toBe(401);
    for (const [, token] of await forgedTokens(all.bed, member)) {
      expect((await client('GET', '/items/', { token })).status).toBe(403);
    }
    expect((await client('GET', '/items/', { token: member.token })).status).toBe(200);
  } finally {
    // The real service registered its own routes over those of the third party.
    await storeRegistration(all.bed.broker, 'items', { routes: allMethods('/items', 'user') });
  }
});
