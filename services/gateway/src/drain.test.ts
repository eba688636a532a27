import { describe, expect, test } from 'vitest';
import { authFixture } from '../../../tests/support/fixtures.ts';
import { type Running, runAuth, runGateway, runItems, runNotifier } from '../../../tests/support/services.ts';
import { nobodyAt } from '../../../tests/support/third-party.ts';

/** A service may not know another; the gateway's tests see all of them together. */
const DRAIN = { DRAIN_SECONDS: '3' };

const { bed, auth } = await authFixture();

const runDrainingGateway = async () => {
  const nobody = await nobodyAt();
  return runGateway(bed, { AUTH_URL: auth.url, ITEMS_URL: nobody, NOTIFIER_URL: nobody, ...DRAIN });
};

describe('given a service that stops with time to notice', () => {
  test.each<[string, () => Promise<Running>]>([
    ['auth', () => runAuth(bed, DRAIN)],
    ['items', () => runItems(bed, auth, DRAIN)],
    ['notifier', () => runNotifier(bed, auth, DRAIN)],
    ['gateway', runDrainingGateway],
  ])('when %s is asked meanwhile, then it answers, and ends the connection', async (_name, start) => {
    const service = await start();
    const isOpen = () =>
      fetch(`${service.url}/api/v1/users/me`).then(
        ({ headers }) => headers.get('connection') === 'close',
        () => false,
      );
    expect(await isOpen()).toBe(false);
    const startedAt = performance.now();
    const stopped = service.stop();
    expect(await isOpen()).toBe(true);
    await stopped;
    expect(performance.now() - startedAt).toBeGreaterThan(2_900);
    await expect(fetch(service.url)).rejects.toThrow();
  });

  test.each<[string, () => Promise<Running>]>([
    ['items', () => runItems(bed, auth, DRAIN)],
    ['notifier', () => runNotifier(bed, auth, DRAIN)],
  ])('when %s stops, then it takes no more events while it still answers requests', async (name, start) => {
    const service = await start();
    const { jsm, names } = bed.broker;
    const waiting = async () => (await jsm.consumers.info(names.eventStream, name)).num_waiting;
    await expect.poll(waiting, { timeout: 10_000 }).toBe(1);
    const stopped = service.stop();
    await expect.poll(waiting, { timeout: 10_000 }).toBe(0);
    expect((await fetch(`${service.url}/api/v1/items/`)).headers.get('connection')).toBe('close');
    await stopped;
  });
});
