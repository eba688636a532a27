import { createQuartetClient, type LiveState } from '@quartet/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { newMember, PASSWORD } from '../../../../tests/support/accounts.ts';
import { allServicesFixture } from '../../../../tests/support/fixtures.ts';
import { startKillableGateway } from '../../../../tests/support/killable-gateway.ts';
import { publishItem, publishItems } from '../../../../tests/support/live-events.ts';
import { itemsIn, openLive, openLiveStream } from '../../../../tests/support/live-reader.ts';
import { hasNoNginx, startNginx } from '../../../../tests/support/nginx.ts';
import { addressesOf } from '../../../../tests/support/services.ts';

describe.skipIf(hasNoNginx)('given nginx with its defaults in front of the gateway', async () => {
  const all = await allServicesFixture();
  const { bed, auth, gateway } = all;

  test('when an event happens, then it arrives at once, though nginx buffers what may be buffered', async () => {
    const { id, token } = await newMember(auth.client);
    const { url } = await startNginx(bed, gateway.url);
    const deaf = await startNginx(bed, gateway.url, 'proxy_ignore_headers X-Accel-Buffering;');
    let hasArrived = false;
    const buffered = openLive(deaf.url, { token }).then((reader) => {
      onTestFinished(reader.close);
      hasArrived = reader.comments.length > 0;
    });
    buffered.catch(() => undefined);
    const reader = await openLiveStream(url, { token });
    onTestFinished(reader.close);
    expect(reader.headers.get('content-encoding')).toBeNull();
    for (let one = 0; one < 3; one += 1) {
      const { itemId } = await publishItem(bed, id);
      await expect.poll(() => itemsIn(reader).at(-1)).toBe(itemId);
    }
    expect(hasArrived).toBe(false);
  });

  test('when the gateway is killed, then the client goes on after its 502s, and misses nothing', async () => {
    const killable = await startKillableGateway(
      bed,
      addressesOf({ auth, items: all.items, notifier: all.notifier }),
    );
    const { url } = await startNginx(bed, killable.url);
    const { id, email } = await newMember(auth.client);
    const client = createQuartetClient({ baseUrl: url });
    onTestFinished(() => client.close());
    await client.logIn(email, PASSWORD);
    const [seen, states] = [[] as string[], [] as LiveState[]];
    void client.live({
      onEvent: ({ subject }) => seen.push(subject),
      onState: (state) => states.push(state),
    });
    await expect.poll(() => states.at(-1)).toMatchObject({ state: 'open' });
    const before = await publishItems(bed, id, 3);
    await expect.poll(() => seen).toEqual(before);
    await killable.kill();
    const missed = await publishItems(bed, id, 3);
    const refusals = () => states.flatMap((state) => ('error' in state ? state.error?.status : []));
    await expect.poll(refusals).toContain(502);
    await killable.start();
    await expect.poll(() => seen, { timeout: 20_000 }).toEqual([...before, ...missed]);
  }, 60_000);
});
