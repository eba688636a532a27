import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../../tests/support/testbed.ts';
import { itemEvent } from '../../../test/event-kit.ts';
import { ensureTopology } from '../broker/topology.ts';
import { type DeadLetters, openDeadLetters } from './dead-letters.ts';

const ALL = { skip: 0, limit: 1000 };
let bed: Testbed;
let letters: DeadLetters;

beforeAll(async () => {
  bed = await startTestbed();
  await ensureTopology(bed.broker, 3600);
  letters = openDeadLetters(bed.broker);
});
afterAll(() => bed.stop());
beforeEach(() => bed.broker.jsm.streams.purge(bed.broker.names.deadLetterStream));

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
  test('given no dead letter, when they are listed, then the list is empty', async () => {
    expect(await letters.list({}, ALL)).toEqual({ data: [], count: 0 });
    expect(await letters.list({ consumer: 'three' }, ALL)).toEqual({ data: [], count: 0 });
  });

  test('given a stream with gaps, when pages are read, then each is the right part of the whole list', async () => {
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
    'given %o as a consumer, when letters are listed, then there are none',
    async (consumer) => {
      await write('three', 1);
      expect(await letters.list({ consumer }, ALL)).toEqual({ data: [], count: 0 });
    },
  );

  test('given a message that no consumer wrote, when letters are listed, then it is marked and hides no other', async () => {
    await write('other', 1);
    await bed.broker.js.publish(bed.broker.names.deadLetter('other'), 'what is this');
    const [first, second] = await listed('other');
    expect(first).toMatchObject({ consumer: 'other', event: 'what is this', attempts: 0, history: [] });
    expect(second).toMatchObject({ reason: '1' });
  });
});

test('given a page beyond the buffer of the broker, when it is read, then it is complete and the connection stays open', async () => {
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
  test('given the id of a letter, when several processes discard it, then exactly one succeeds', async () => {
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
  ])('given %o as an id, when a letter is looked up, then there is none', async (id) => {
    expect(await letters.find(id)).toBeUndefined();
    expect(await letters.replay(id)).toBe(false);
    expect(await letters.discard(id)).toBe(false);
  });
});
