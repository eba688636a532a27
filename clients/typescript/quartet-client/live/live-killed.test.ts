import { createQuartetClient, type LiveState } from '@quartet/client';
import { expect, test } from 'vitest';
import { newMember, PASSWORD } from '../../../../tests/support/accounts.ts';
import { allServicesFixture } from '../../../../tests/support/fixtures.ts';
import { startKillableGateway } from '../../../../tests/support/killable-gateway.ts';
import { publishItem } from '../../../../tests/support/live-events.ts';
import { addressesOf } from '../../../../tests/support/services.ts';

const KILLS = 3;
/** Between a start and the next kill. */
const EVENTS = 50;

const all = await allServicesFixture();
const { bed, auth } = all;

test('given a gateway that is killed again and again while others write, then the reader misses nothing and gets nothing twice', async () => {
  const gateway = await startKillableGateway(
    bed,
    addressesOf({ auth, items: all.items, notifier: all.notifier }),
  );
  const member = await newMember(auth.client);
  const client = createQuartetClient({ baseUrl: gateway.url });
  await client.logIn(member.email, PASSWORD);
  const seen: string[] = [];
  const states: LiveState['state'][] = [];
  const places: number[] = [];
  const leave = new AbortController();
  const ended = client.live({
    signal: leave.signal,
    onState: ({ state }) => states.push(state),
    onEvent({ subject }, lastEventId) {
      seen.push(subject);
      places.push(Number(lastEventId));
    },
  });
  await expect.poll(() => states).toContain('open');

  const over = new AbortController();
  const written: string[] = [];
  const writing = (async () => {
    while (!over.signal.aborted) written.push((await publishItem(bed, member.id)).itemId);
  })();
  const readOn = async () => {
    const before = seen.length;
    await expect.poll(() => seen.length, { timeout: 20_000 }).toBeGreaterThan(before + EVENTS);
  };
  for (let kill = 0; kill < KILLS; kill += 1) {
    await readOn();
    await gateway.kill();
    await gateway.start();
  }
  await readOn();
  over.abort();
  await writing;
  await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(written.length);
  expect(seen).toEqual(written);
  expect(places).toEqual(places.toSorted((one, other) => one - other));
  expect(states.filter((state) => state === 'open').length).toBeGreaterThan(KILLS);
  leave.abort();
  await ended;
}, 90_000);
