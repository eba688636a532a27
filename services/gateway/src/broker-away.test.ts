import { expect, test } from 'vitest';
import { logInAdmin } from '../../../tests/support/accounts.ts';
import { gatewayFixture } from '../../../tests/support/fixtures.ts';
import { allMethods } from '../../../tests/support/gateway.ts';

const all = await gatewayFixture((_req, res) => void res.end('ok'), {}, allMethods('/items', 'user'));

test('given a broker that is away, then requests still work and tokens are still checked', async (context) => {
  const { bed, auth, gateway } = all;
  const { pid } = bed.brokerEngine;
  if (pid === undefined) return context.skip("somebody else's broker is not ours to kill");
  const token = await logInAdmin(auth.client);
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => bed.broker.isConnected(), { timeout: 10_000 }).toBe(false);

  expect((await gateway.client('GET', '/items', { token })).text).toBe('ok');
  // A token that it never saw before, and one that is none.
  const fresh = await logInAdmin(gateway.client);
  expect((await gateway.client('POST', '/items', { token: fresh, raw: 'x' })).text).toBe('ok');
  expect((await gateway.client('GET', '/items')).status).toBe(401);
  expect((await gateway.client('GET', '/items', { token: `${fresh}x` })).status).toBe(403);
  expect((await gateway.client('GET', '/nothing')).status).toBe(404);
  expect((await gateway.client('GET', '/utils/health-check/')).body).toBe(true);
});
