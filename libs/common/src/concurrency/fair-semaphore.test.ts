import { expect, test } from 'vitest';
import { createFairSemaphore } from './fair-semaphore.ts';

/** Work that ends on a signal of the test, and the order in which it began. */
function busySemaphore(bounds: { ofGroup: number; inAll: number }) {
  const semaphore = createFairSemaphore(1, bounds, () => new Error('full'));
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  let open = 0;
  const put = (group: string, member: string, gone?: AbortSignal): Promise<void> =>
    semaphore({ group, member, ...(gone ? { gone } : {}) }, async () => {
      begun.push(group + member);
      open += 1;
      await new Promise<void>((resolve) => ends.push(resolve));
      open -= 1;
    });
  /** Ends what runs, until there is nothing more. */
  const finish = async () => {
    await expect
      .poll(() => {
        for (const end of ends.splice(0)) end();
        return open + semaphore.waiting();
      })
      .toBe(0);
  };
  void put('', '');
  return { semaphore, begun, put, finish };
}

const wide = { ofGroup: 100, inAll: 100 };
const outcome = (work: Promise<void>) => work.then(() => 'done').catch((err: Error) => err.message);

test('given a group with much work and two with little, when slots become free, then the groups alternate', async () => {
  const { begun, put, finish } = busySemaphore(wide);
  for (const [group, member] of ['a1', 'a1', 'a1', 'a1', 'b1', 'c1', 'c1'].map((text) => text.split(''))) {
    void put(group ?? '', member ?? '');
  }
  await finish();
  expect(begun.slice(1)).toEqual(['a1', 'b1', 'c1', 'a1', 'c1', 'a1', 'a1']);
});

test('given several members of one group, when slots become free, then they alternate without more slots for their group', async () => {
  const { begun, put, finish } = busySemaphore(wide);
  for (const [group, member] of ['a1', 'a1', 'a1', 'a2', 'a3', 'b1', 'b1'].map((text) => text.split(''))) {
    void put(group ?? '', member ?? '');
  }
  await finish();
  expect(begun.slice(1)).toEqual(['a1', 'b1', 'a2', 'b1', 'a3', 'a1', 'a1']);
});

test('given a group at its bound, when it adds a call, then the latest call of its largest member is refused', async () => {
  const { semaphore, put, finish } = busySemaphore({ ofGroup: 3, inAll: 100 });
  const first = [put('a', '1'), put('a', '1'), put('a', '1')].map(outcome);
  const other = outcome(put('a', '2'));
  expect(await first[2]).toBe('full');
  const third = outcome(put('a', '3'));
  expect(await first[1]).toBe('full');
  // All have as little: who comes now has waited least.
  expect(await outcome(put('a', '4'))).toBe('full');
  expect(semaphore.waiting()).toBe(3);
  const elsewhere = outcome(put('b', '1'));
  await finish();
  expect(await Promise.all([first[0], other, third, elsewhere])).toEqual(Array(4).fill('done'));
});

test('given the total bound, when a small group adds a call, then the latest call of the largest group is refused', async () => {
  const { put, finish } = busySemaphore({ ofGroup: 100, inAll: 4 });
  const flood = Array.from({ length: 5 }, () => outcome(put('a', '1')));
  const little = [outcome(put('b', '1')), outcome(put('c', '1'))];
  expect(await Promise.all(flood.slice(2))).toEqual(['full', 'full', 'full']);
  await finish();
  expect(await Promise.all([...flood.slice(0, 2), ...little])).toEqual(Array(4).fill('done'));
});

test('given many calls of one group and two slots, when they wait, then one slot stays free until few calls are left', async () => {
  const semaphore = createFairSemaphore(2, wide, () => new Error('full'));
  const ends: (() => void)[] = [];
  let running = 0;
  const put = (group: string, member: string) =>
    semaphore({ group, member }, async () => {
      running += 1;
      await new Promise<void>((resolve) => ends.push(resolve));
      running -= 1;
    });
  const endOne = async () => {
    await expect.poll(() => ends.length).toBeGreaterThan(0);
    ends.shift()?.();
  };
  const flood = Array.from({ length: 30 }, (_, n) => put('a', String(n)));
  await expect.poll(() => running).toBe(2);
  await endOne();
  await expect.poll(() => [running, semaphore.waiting()]).toEqual([1, 28]);
  // It need not wait for what runs.
  const other = put('b', '1');
  await expect.poll(() => [running, semaphore.waiting()]).toEqual([2, 28]);
  while (semaphore.waiting() > 10) await endOne();
  await expect.poll(() => running).toBe(2);
  await expect
    .poll(() => {
      for (const end of ends.splice(0)) end();
      return running + semaphore.waiting();
    })
    .toBe(0);
  await Promise.all([...flood, other]);
});

test('given a waiting call, when its caller leaves, then its work never starts', async () => {
  const { begun, semaphore, put, finish } = busySemaphore(wide);
  const leaving = new AbortController();
  const left = put('a', '1', leaving.signal);
  const stays = put('a', '2');
  leaving.abort(new Error('gone'));
  expect(await outcome(left)).toBe('gone');
  expect(await outcome(put('a', '1', leaving.signal))).toBe('gone');
  expect(semaphore.waiting()).toBe(1);
  await finish();
  await stays;
  expect(begun).toEqual(['', 'a2']);
});

test('given work that fails, when it ends, then the next call starts', async () => {
  const semaphore = createFairSemaphore(1, wide, () => new Error('full'));
  const place = { group: 'a', member: '1' };
  const fails = semaphore(place, () => Promise.reject(new Error('broken')));
  const next = semaphore(place, async () => 'next');
  await expect(fails).rejects.toThrow('broken');
  expect(await next).toBe('next');
});
