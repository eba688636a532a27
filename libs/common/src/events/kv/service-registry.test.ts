import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../../tests/support/testbed.ts';
import { recordingLog } from '../../../test/event-kit.ts';
import { ensureTopology } from '../broker/topology.ts';
import { storeRegistration, watchRegistrations } from './service-registry.ts';

let bed: Testbed;
const { log } = recordingLog();

beforeAll(async () => {
  bed = await startTestbed();
  await ensureTopology(bed.broker, 3600);
});
afterAll(() => bed.stop());

test('given services that register their routes, when a watch runs, then it gets earlier and later registrations', async () => {
  const controller = new AbortController();
  const known = new Map<string, string[]>();
  const route = (method: 'GET' | 'POST', path: string) => ({ method, path, access: 'user' as const });
  await storeRegistration(bed.broker, 'items', { routes: [route('GET', '/items')] });
  await watchRegistrations(
    bed.broker,
    (service, { routes }) =>
      void known.set(
        service,
        routes.map(({ method, path }) => `${method} ${path}`),
      ),
    log,
    controller.signal,
  );
  expect([...known]).toEqual([['items', ['GET /items']]]);
  await storeRegistration(bed.broker, 'items', { routes: [route('GET', '/items'), route('POST', '/items')] });
  await storeRegistration(bed.broker, 'auth', { routes: [route('GET', '/users')] });
  await expect
    .poll(() => Object.fromEntries(known))
    .toEqual({ items: ['GET /items', 'POST /items'], auth: ['GET /users'] });
  const kv = await bed.broker.kvm.open(bed.broker.names.routes);
  await kv.delete('auth');
  await expect.poll(() => known.get('auth')).toEqual([]);
  controller.abort();
});
