import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { createConsumerKit, onItem } from '../../test/consumer-kit.ts';
import { itemEvent } from '../../test/event-kit.ts';
import { runConsumer } from './consumer.ts';
import { type DeadLetter, type DeadLetters, openDeadLetters } from './dead-letters.ts';
import { ensureTopology } from './topology.ts';

const SOON = { timeout: 10_000 };
const ONCE = { attempts: 1, firstDelayMs: 20, longestDelayMs: 40 };
const ALL = { skip: 0, limit: 1000 };
let bed: Testbed;
let kit: ReturnType<typeof createConsumerKit>;
let letters: DeadLetters;

beforeAll(async () => {
  bed = await startTestbed();
  await ensureTopology(bed.broker, 3600);
  kit = createConsumerKit(bed);
  letters = openDeadLetters(bed.broker);
});
afterAll(() => bed.stop());
beforeEach(() => bed.broker.jsm.streams.purge(bed.broker.names.deadLetterStream));

const failing = onItem(async () => {
  throw new Error('poison');
});
const listed = async (consumer?: string) => (await letters.list({ consumer }, ALL)).data;

/** A letter as a consumer writes it; `n` tells them apart. */
async function write(consumer: string, n: number): Promise<void> {
  const at = new Date(n).toISOString();
  const letter = { consumer, subject: 'item.created', reason: `${n}`, attempts: 1, event: itemEvent(n) };
  const text = JSON.stringify({ ...letter, first_seen_at: at, dead_at: at });
  await bed.broker.js.publish(bed.broker.names.deadLetter(consumer), text);
}

async function writeMany(count: number): Promise<void> {
  for (let n = 0; n < count; n += 100) {
    const some = Array.from({ length: Math.min(100, count - n) }, (_, m) => n + m);
    await Promise.all(some.map((m) => write(m % 3 === 0 ? 'three' : 'other', m)));
  }
}

describe('a list', () => {
  test('given none, then it is empty', async () => {
    expect(await letters.list({}, ALL)).toEqual({ data: [], count: 0 });
    expect(await letters.list({ consumer: 'three' }, ALL)).toEqual({ data: [], count: 0 });
  });

  test('given gaps, then every page of every consumer is the same part of the whole', async () => {
    await writeMany(130);
    const whole = (await listed()).toReversed();
    const gone = whole.filter(
      ({ reason }) => [0, 1, 2, 3, 129].includes(Number(reason)) || +reason % 7 === 2,
    );
    for (const { id } of [...gone, ...whole.slice(60, 90)]) await letters.discard(id);
    const left = await listed();
    expect(left.map(({ id }) => Number(id))).toEqual(
      left.map(({ id }) => Number(id)).toSorted((a, b) => b - a),
    );
    for (const consumer of [undefined, 'three', 'other', 'nobody']) {
      const expected = left.filter((letter) => consumer === undefined || letter.consumer === consumer);
      for (const limit of [1, 7, 1000]) {
        for (let skip = 0; skip <= expected.length + 1; skip += limit === 1 ? 5 : 7) {
          const page = await letters.list({ consumer }, { skip, limit });
          expect(page).toEqual({ data: expected.slice(skip, skip + limit), count: expected.length });
        }
      }
    }
    const far = await letters.list({}, { skip: 2_147_483_647, limit: 1 });
    expect(far).toEqual({ data: [], count: left.length });
  });

  test.each(['*', '>', 'a b', 'three.', '', '…'])(
    'given %o as a consumer, then it names none',
    async (consumer) => {
      await write('three', 1);
      expect(await letters.list({ consumer }, ALL)).toEqual({ data: [], count: 0 });
    },
  );

  test('given a message that nobody here wrote, then it is shown as what it is and hides no other', async () => {
    await write('other', 1);
    await bed.broker.js.publish(bed.broker.names.deadLetter('other'), 'what is this');
    const [first, second] = await listed('other');
    expect(first).toMatchObject({ consumer: 'other', event: 'what is this', attempts: 0, history: [] });
    expect(second).toMatchObject({ reason: '1' });
  });
});

test('given a page of more than the broker holds for a client, then it is whole and the connection stays', async () => {
  const { js, names } = bed.broker;
  let reconnections = 0;
  bed.broker.onReconnect(() => {
    reconnections += 1;
  });
  const count = 100;
  const text = 'x'.repeat(1_000_000);
  for (let n = 0; n < count; n += 1) await js.publish(names.deadLetter('other'), text);
  const { data } = await letters.list({}, ALL);
  expect(data).toHaveLength(count);
  expect(reconnections).toBe(0);
});

describe('one dead letter', () => {
  test('given its id, then it is found, and discarded once, by whoever is first', async () => {
    await write('other', 1);
    const [letter] = await listed();
    const id = letter?.id ?? '';
    expect(await letters.find(id)).toEqual(letter);
    const replicas = [letters, openDeadLetters(bed.broker), openDeadLetters(bed.broker)];
    const outcomes = await Promise.all(replicas.map((replica) => replica.discard(id)));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await letters.find(id)).toBeUndefined();
    expect(await letters.replay(id)).toBe(false);
    expect(await letters.discard(id)).toBe(false);
  });

  test.each([
    '0',
    '-1',
    '1.5',
    '1e3',
    ' 1',
    '01',
    'x',
    '',
    '65f1c0ffee15600d5eed0a01',
    '9'.repeat(15),
    '9'.repeat(40),
  ])('given %o as an id, then there is none', async (id) => {
    expect(await letters.find(id)).toBeUndefined();
    expect(await letters.replay(id)).toBe(false);
    expect(await letters.discard(id)).toBe(false);
  });
});

describe('a replay', () => {
  test('given two consumers that had the event, then only the one that gave it up gets it again', async () => {
    const seen: string[] = [];
    const first = await kit.consume(failing, ONCE);
    const other = await runConsumer({
      broker: bed.broker,
      name: 'bystander',
      handlers: onItem(async ({ id }) => void seen.push(id)),
      log: kit.log,
    });
    bed.stopLater(() => other.stop());
    const event = itemEvent();
    await kit.publishItem(event);
    await expect.poll(() => listed(first.name), SOON).toHaveLength(1);
    const [letter] = await listed(first.name);
    await first.running.stop();
    const replayed: unknown[] = [];
    const healed = await runConsumer({
      broker: bed.broker,
      name: first.name,
      handlers: onItem(async (again, { publishedAt }) => {
        replayed.push(again, publishedAt.toISOString());
        return undefined;
      }),
      log: kit.log,
    });
    bed.stopLater(() => healed.stop());
    expect(await letters.replay(letter?.id ?? '')).toBe(true);
    await expect.poll(() => replayed, SOON).toEqual([event, letter?.first_seen_at]);
    await expect.poll(first.unacknowledged, SOON).toBe(0);
    expect(seen).toEqual([event.id]);
    expect(await listed()).toEqual([]);
  });

  test('given it fails again and again, then it is a dead letter again, with its history', async () => {
    let failures = 0;
    const { name } = await kit.consume(
      onItem(async () => {
        failures += 1;
        throw new Error(`failure ${failures}`);
      }),
      { attempts: 2, firstDelayMs: 20, longestDelayMs: 20 },
    );
    const id = await kit.publishItem();
    const ends: DeadLetter[] = [];
    for (const reason of ['Error: failure 2', 'Error: failure 4', 'Error: failure 6']) {
      await expect.poll(async () => (await listed(name))[0]?.reason, SOON).toBe(reason);
      const [letter, ...more] = await listed(name);
      if (!letter) throw new Error('it is gone');
      expect(more).toEqual([]);
      expect(letter).toMatchObject({ subject: 'item.created', event: { id }, attempts: failures });
      expect(letter.first_seen_at).toBe((ends[0] ?? letter).first_seen_at);
      expect(letter.history).toEqual(
        ends.map(({ reason, attempts, dead_at }) => ({ reason, attempts, dead_at })),
      );
      ends.push(letter);
      if (ends.length < 3) expect(await letters.replay(letter.id)).toBe(true);
    }
  });

  test('given five at once, then it is one', async () => {
    const seen: string[] = [];
    const { name, running } = await kit.consume(failing, ONCE);
    const id = await kit.publishItem();
    await expect.poll(() => listed(name), SOON).toHaveLength(1);
    await running.stop();
    const [letter] = await listed(name);
    const replicas = Array.from({ length: 5 }, () => openDeadLetters(bed.broker));
    const outcomes = await Promise.all(replicas.map((replica) => replica.replay(letter?.id ?? '')));
    expect(outcomes).toContain(true);
    const healed = await runConsumer({
      broker: bed.broker,
      name,
      handlers: onItem(async (event) => void seen.push(event.id)),
      log: kit.log,
    });
    bed.stopLater(() => healed.stop());
    const marker = await kit.publishItem();
    await expect.poll(() => seen, SOON).toContain(marker);
    expect(seen.filter((other) => other === id)).toHaveLength(1);
  });

  test('given a letter that nobody can read, then it dies again at once, as it came', async () => {
    const { name } = await kit.consume(failing, ONCE);
    for (const text of ['{"no', '"text"', '7']) {
      await kit.publish(text);
      await expect.poll(async () => (await listed(name)).map(({ event }) => event), SOON).toEqual([text]);
      const [letter] = await listed(name);
      await letters.replay(letter?.id ?? '');
      await expect.poll(async () => (await listed(name))[0]?.attempts, SOON).toBe(2);
      const [again] = await listed(name);
      expect(again).toMatchObject({ event: text, subject: 'item.created', history: [{ attempts: 1 }] });
      await letters.discard(again?.id ?? '');
    }
  });
});
