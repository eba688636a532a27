import { expect, test } from 'vitest';
import { createInFlightLimit, createKeyedSemaphore } from './keyed-semaphore.ts';

const gone = () => new AbortController().signal;

test('given work of one key and of another, then each key has its own number of running calls, and the rest waits', async () => {
  const run = createKeyedSemaphore(2, { ofNetwork: 10, inAll: 10 });
  const started: string[] = [];
  const end = Promise.withResolvers<void>();
  const start = (key: string) =>
    run({ key, network: 'n', gone: gone() }, async () => {
      started.push(key);
      await end.promise;
    });
  const all = ['a', 'a', 'a', 'b'].map(start);
  await expect.poll(() => started.toSorted()).toEqual(['a', 'a', 'b']);
  end.resolve();
  await Promise.all(all);
  expect(started.toSorted()).toEqual(['a', 'a', 'a', 'b']);
});

test('given a full queue, then more work is refused as unavailable, and accepted once there is room', async () => {
  const run = createKeyedSemaphore(1, { ofNetwork: 1, inAll: 2 });
  const end = Promise.withResolvers<void>();
  const start = (network: string) => run({ key: 'a', network, gone: gone() }, () => end.promise);
  const all = [start('one'), start('one')];
  await expect(start('one')).rejects.toMatchObject({ fault: 'unavailable' });
  all.push(start('two'));
  end.resolve();
  await Promise.all(all);
  await start('one');
});

test('given the most work of one key in flight, then more is refused until some ends, also by a failure', async () => {
  const run = createInFlightLimit(2, 5);
  const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const all = ends.map(({ promise }) => run('a', () => promise));
  const refused = { fault: 'unavailable', headers: { 'Retry-After': '5' } };
  await expect(run('a', async () => 'ran')).rejects.toMatchObject(refused);
  expect(await run('b', async () => 'ran')).toBe('ran');
  ends[0]?.reject(new Error('failed'));
  await expect(all[0]).rejects.toThrow('failed');
  // There is room for one more, and not for two.
  const more = run('a', () => ends[1]?.promise ?? expect.fail());
  await expect(run('a', async () => 'ran')).rejects.toMatchObject(refused);
  ends[1]?.resolve();
  await Promise.all([all[1], more]);
  expect(await run('a', async () => 'ran')).toBe('ran');
});
