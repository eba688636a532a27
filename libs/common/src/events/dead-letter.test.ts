import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { createConsumerKit, onItem } from '../../test/consumer-kit.ts';
import { itemEvent } from '../../test/event-kit.ts';
import { ensureTopology } from './topology.ts';

const SOON = { timeout: 10_000 };
let bed: Testbed;
let kit: ReturnType<typeof createConsumerKit>;

beforeAll(async () => {
  bed = await startTestbed();
  await ensureTopology(bed.broker, 3600);
  kit = createConsumerKit(bed);
});
afterAll(() => bed.stop());

describe('a dead letter', () => {
  const item = itemEvent();
  test.each([
    ['text that is not JSON', '{"no', 'not JSON'],
    ['no envelope', '{"id":"1"}', 'no CloudEvents envelope'],
    [
      'an unknown version',
      JSON.stringify({ ...item, dataschema: 'urn:quartet:event:item.created:2' }),
      'unknown version',
    ],
    [
      'a payload against its contract',
      JSON.stringify({ ...item, data: { item_id: 'x' } }),
      'against its contract',
    ],
    ['an unknown type', JSON.stringify({ ...item, type: 'item.eaten' }), 'unknown event type'],
    [
      'a type nobody here handles',
      JSON.stringify({ ...item, type: 'item.deleted', dataschema: 'urn:quartet:event:item.deleted:1' }),
      'nothing here handles',
    ],
  ])(
    'given %s, then it is one at once, with the reason and the original, and the next event is handled',
    async (_name, text, reason) => {
      const seen: string[] = [];
      const { name, letters, unacknowledged } = await kit.consume(
        onItem(async ({ id }) => void seen.push(id)),
      );
      await kit.publish(text);
      const id = await kit.publishItem();
      await expect.poll(() => seen, SOON).toEqual([id]);
      await expect.poll(unacknowledged, SOON).toBe(0);
      const [letter, ...more] = await letters();
      expect(more).toEqual([]);
      expect(letter).toMatchObject({ consumer: name, subject: 'item.created', attempts: 1 });
      expect(letter?.reason).toContain(reason);
      const original = letter?.event;
      expect(typeof original === 'string' ? original : JSON.stringify(original)).toBe(text);
      expect(Date.parse(String(letter?.dead_at))).toBeGreaterThanOrEqual(
        Date.parse(String(letter?.first_seen_at)),
      );
    },
  );

  test('given an event that fails every time, then after the last attempt, and others are not held up', async () => {
    const seen: string[] = [];
    const poison = itemEvent();
    const { letters, unacknowledged } = await kit.consume(
      onItem(async ({ id }) => {
        seen.push(id);
        if (id === poison.id) throw new Error('poison');
        return undefined;
      }),
    );
    await kit.publishItem(poison);
    const healthy = [await kit.publishItem(), await kit.publishItem()];
    await expect.poll(letters, SOON).toHaveLength(1);
    await expect.poll(unacknowledged, SOON).toBe(0);
    expect(seen.filter((id) => id === poison.id)).toHaveLength(3);
    expect(seen.filter((id) => id !== poison.id).toSorted()).toEqual(healthy.toSorted());
    expect((await letters())[0]).toMatchObject({
      attempts: 3,
      reason: 'Error: poison',
      event: { id: poison.id },
    });
  });
});
