import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { onItem, useConsumerBed } from '../../../test/consumer-kit.ts';
import { itemEvent } from '../../../test/event-kit.ts';
import { runConsumer } from '../consumer/consumer.ts';
import { type DeadLetter, type DeadLetters, openDeadLetters } from './dead-letters.ts';

const SOON = { timeout: 10_000 };
const ONCE = { attempts: 1, firstDelayMs: 20, longestDelayMs: 40 };
const ALL = { skip: 0, limit: 1000 };
const given = useConsumerBed();
let letters: DeadLetters;

beforeAll(() => {
  letters = openDeadLetters(given.bed.broker);
});
beforeEach(() => given.bed.broker.jsm.streams.purge(given.bed.broker.names.deadLetterStream));

const failing = onItem(async () => {
  throw new Error('poison');
});
const listed = async (consumer?: string) => (await letters.list({ consumer }, ALL)).data;

describe('a replay', () => {
  test('given two consumers of an event, when its dead letter is replayed, then only the consumer that gave up gets it', async () => {
    const seen: string[] = [];
    const first = await given.kit.consume(failing, ONCE);
    const other = await runConsumer({
      broker: given.bed.broker,
      name: 'bystander',
      handlers: onItem(async ({ id }) => void seen.push(id)),
      log: given.kit.log,
    });
    given.bed.stopLater(() => other.stop());
    const event = itemEvent();
    await given.kit.publishItem(event);
    await expect.poll(() => listed(first.name), SOON).toHaveLength(1);
    const [letter] = await listed(first.name);
    await first.running.stop();
    const replayed: unknown[] = [];
    const healed = await runConsumer({
      broker: given.bed.broker,
      name: first.name,
      handlers: onItem(async (again, { publishedAt }) => {
        replayed.push(again, publishedAt.toISOString());
        return undefined;
      }),
      log: given.kit.log,
    });
    given.bed.stopLater(() => healed.stop());
    expect(await letters.replay(letter?.id ?? '')).toBe(true);
    await expect.poll(() => replayed, SOON).toEqual([event, letter?.first_seen_at]);
    await expect.poll(first.unacknowledged, SOON).toBe(0);
    expect(seen).toEqual([event.id]);
    expect(await listed()).toEqual([]);
  });

  test('given a replayed event that fails, when its attempts are used up, then it is a dead letter with its history', async () => {
    let failures = 0;
    const { name } = await given.kit.consume(
      onItem(async () => {
        failures += 1;
        throw new Error(`failure ${failures}`);
      }),
      { attempts: 2, firstDelayMs: 20, longestDelayMs: 20 },
    );
    const id = await given.kit.publishItem();
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

  test('given five replays of a letter, when they run at once, then one is sent', async () => {
    const seen: string[] = [];
    const { name, running } = await given.kit.consume(failing, ONCE);
    const id = await given.kit.publishItem();
    await expect.poll(() => listed(name), SOON).toHaveLength(1);
    await running.stop();
    const [letter] = await listed(name);
    const replicas = Array.from({ length: 5 }, () => openDeadLetters(given.bed.broker));
    const outcomes = await Promise.all(replicas.map((replica) => replica.replay(letter?.id ?? '')));
    expect(outcomes).toContain(true);
    const healed = await runConsumer({
      broker: given.bed.broker,
      name,
      handlers: onItem(async (event) => void seen.push(event.id)),
      log: given.kit.log,
    });
    given.bed.stopLater(() => healed.stop());
    const marker = await given.kit.publishItem();
    await expect.poll(() => seen, SOON).toContain(marker);
    expect(seen.filter((other) => other === id)).toHaveLength(1);
  });

  test('given an unreadable event, when its letter is replayed, then it is the same dead letter again at once', async () => {
    const { name } = await given.kit.consume(failing, ONCE);
    for (const text of ['{"no', '"text"', '7']) {
      await given.kit.publish(text);
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
