import { expect, test } from 'vitest';
import { AppError } from '../errors.ts';
import { createKeyedQueue } from './keyed-queue.ts';

test('given work of two keys, when it runs, then work of one key runs in sequence and that of the other in parallel', async () => {
  const inTurn = createKeyedQueue();
  const ends = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const begun: number[] = [];
  const works = ends.map(({ promise }, at) =>
    inTurn(at === 2 ? 'other' : 'one', async () => {
      begun.push(at);
      await promise;
      return at;
    }),
  );
  await expect.poll(() => begun).toEqual([0, 2]);
  ends[0]?.resolve();
  await expect.poll(() => begun).toEqual([0, 2, 1]);
  for (const { resolve } of ends) resolve();
  expect(await Promise.all(works)).toEqual([0, 1, 2]);
});

test('given a key at its bound, when it adds work, then the work is refused until an earlier one ends', async () => {
  const inTurn = createKeyedQueue(2);
  const end = Promise.withResolvers<void>();
  const works = [1, 2].map(() => inTurn('one', () => end.promise));
  await expect(inTurn('one', async () => 3)).rejects.toThrow(AppError);
  expect(await inTurn('other', async () => 4)).toBe(4);
  end.resolve();
  await Promise.all(works);
  expect(await inTurn('one', async () => 5)).toBe(5);
});

test('given work that fails, when it ends, then later work of its key runs', async () => {
  const inTurn = createKeyedQueue();
  const failing = inTurn('one', () => Promise.reject(new Error('no')));
  const next = inTurn('one', async () => 'done');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('done');
});
