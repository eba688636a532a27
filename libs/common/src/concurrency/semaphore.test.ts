import { expect, test } from 'vitest';
import { createSemaphore } from './semaphore.ts';

/** Work that ends on a signal of the test. */
function startWork(semaphore: ReturnType<typeof createSemaphore>, count: number) {
  const started: number[] = [];
  const ends = Array.from({ length: count }, () => Promise.withResolvers<number>());
  const results = ends.map(({ promise }, index) =>
    semaphore(() => {
      started.push(index);
      return promise;
    }),
  );
  return { started, ends, results };
}

test('given more work than slots, when slots become free, then the rest starts in the order of arrival', async () => {
  const { started, ends, results } = startWork(createSemaphore(2), 5);
  expect(started).toEqual([0, 1]);
  ends[1]?.resolve(1);
  await results[1];
  await expect.poll(() => started).toEqual([0, 1, 2]);
  ends[0]?.resolve(0);
  ends[2]?.resolve(2);
  await Promise.all([results[0], results[2]]);
  await expect.poll(() => started).toEqual([0, 1, 2, 3, 4]);
  for (const [index, end] of ends.entries()) end.resolve(index);
  expect(await Promise.all(results)).toEqual([0, 1, 2, 3, 4]);
});

test('given work that fails, when it ends, then its caller gets the error and its slot is free', async () => {
  const semaphore = createSemaphore(1);
  const failed = semaphore(() => Promise.reject(new Error('no')));
  const thrown = semaphore(() => {
    throw new Error('at once');
  });
  const next = semaphore(async () => 'fine');
  await expect(failed).rejects.toThrow('no');
  await expect(thrown).rejects.toThrow('at once');
  expect(await next).toBe('fine');
});

test('given several bursts of work, when they run, then no more than the limit runs at a time', async () => {
  const semaphore = createSemaphore(3);
  let running = 0;
  let most = 0;
  const work = () =>
    semaphore(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
    });
  for (let burst = 0; burst < 5; burst += 1) await Promise.all(Array.from({ length: 20 }, work));
  expect({ most, running }).toEqual({ most: 3, running: 0 });
});
