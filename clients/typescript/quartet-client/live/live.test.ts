import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createQuartetClient } from '@quartet/client';
import { expect, test } from 'vitest';
import { newReader } from '../../../../tests/support/client-reader.ts';
import { allServicesFixture } from '../../../../tests/support/fixtures.ts';
import { publishItem, publishItems } from '../../../../tests/support/live-events.ts';

const all = await allServicesFixture();
const { bed, gateway } = all;

test('given a stream, then events come in order, and an abort ends it', async () => {
  const { member, ids, live, opened, states } = await newReader(all);
  const leave = new AbortController();
  const places: string[] = [];
  const ended = live({
    signal: leave.signal,
    onEvent({ subject }, lastEventId) {
      places.push(lastEventId);
      ids.push(subject);
    },
  });
  await opened();
  const published = [await publishItem(bed, member.id), await publishItem(bed, member.id)];
  await expect.poll(() => ids).toEqual(published.map(({ itemId }) => itemId));
  expect(places).toEqual(published.map(({ seq }) => String(seq)));
  leave.abort();
  await expect(ended).resolves.toBeUndefined();
  const [{ seq = 0 } = {}] = published;
  const open = { state: 'open', lastEventId: expect.stringMatching(/^\d+$/) };
  expect(states).toEqual([{ state: 'connecting' }, open]);
  expect(
    states.flatMap((state) => ('lastEventId' in state ? Number(state.lastEventId) : []))[0],
  ).toBeLessThan(seq);
});

test('given a long stream, when what was sent is no longer in memory, then an abort still ends it', async () => {
  const { member, ids, live, opened } = await newReader(all);
  const leave = new AbortController();
  const ended = live({ signal: leave.signal });
  await opened();
  const published = await publishItems(bed, member.id, 3);
  await expect.poll(() => ids).toEqual(published);
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  leave.abort();
  await expect(ended).resolves.toBeUndefined();
});

test('given the place of an event, then a later stream goes on after it', async () => {
  const { member, ids, live } = await newReader(all);
  const { seq } = await publishItem(bed, member.id);
  const missed = await publishItems(bed, member.id, 3);
  void live({ lastEventId: String(seq) });
  await expect.poll(() => ids).toEqual(missed);
});

test('given a place of which nothing is known, then the caller gets a reset, and new events follow', async () => {
  const { member, ids, resets, live } = await newReader(all);
  void live({ lastEventId: String(Number.MAX_SAFE_INTEGER) });
  await expect.poll(() => resets).toEqual(['unknown-id']);
  const { itemId } = await publishItem(bed, member.id);
  await expect.poll(() => ids).toEqual([itemId]);
});

test('given a place that is none, then it is the caller’s mistake', async () => {
  const { live } = await newReader(all);
  await expect(live({ lastEventId: 'letters' })).rejects.toMatchObject({ name: 'QuartetError', status: 422 });
});

test('given nobody who is logged in, then it is a 401', async () => {
  const client = createQuartetClient({ baseUrl: gateway.url });
  await expect(client.live({ onEvent: () => undefined })).rejects.toMatchObject({ status: 401 });
});

test('given a callback that throws, then the stream ends with its error', async () => {
  const { member, live, opened, states } = await newReader(all);
  const ended = live({
    onEvent: async () => {
      throw new Error('no room');
    },
  });
  await opened();
  await publishItem(bed, member.id);
  await expect(ended).rejects.toThrow('no room');
  expect(states.at(-1)).toMatchObject({ state: 'open' });
});

test('given a callback that takes its time, then the next event waits for it', async () => {
  const { member, ids, live, opened } = await newReader(all);
  const first = Promise.withResolvers<void>();
  void live({
    async onEvent({ subject }) {
      ids.push(subject);
      await first.promise;
    },
  });
  await opened();
  const published = await publishItems(bed, member.id, 3);
  await expect.poll(() => ids).toEqual(published.slice(0, 1));
  first.resolve();
  await expect.poll(() => ids).toEqual(published);
});
