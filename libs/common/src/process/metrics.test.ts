import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

const linesOf = async (metrics: ReturnType<typeof createMetrics>) =>
  (await metrics.registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('given values that are read, then each scrape shows them as they are', async () => {
  const metrics = createMetrics();
  let size = 3;
  metrics.observe('size', 'Size', async () => size);
  metrics.observe('colours', 'By colour', async () => ({ red: size, green: 0 }), 'colour');
  expect(await linesOf(metrics)).toEqual([
    'quartet_size 3',
    'quartet_colours{colour="red"} 3',
    'quartet_colours{colour="green"} 0',
  ]);
  size = 5;
  expect(await linesOf(metrics)).toContain('quartet_size 5');
});

test('given a value that cannot be read, then it is left out and the others are shown', async () => {
  const metrics = createMetrics();
  let fails = false;
  metrics.observe('shaky', 'Shaky', async () => {
    if (fails) throw new Error('away');
    return 1;
  });
  metrics.observe('steady', 'Steady', async () => 2);
  expect(await linesOf(metrics)).toEqual(['quartet_shaky 1', 'quartet_steady 2']);
  fails = true;
  expect(await linesOf(metrics)).toEqual(['quartet_steady 2']);
});

test('given a value that never comes, then the others are not held up for long', async () => {
  const metrics = createMetrics();
  metrics.observe('stuck', 'Stuck', () => new Promise(() => undefined));
  metrics.observe('steady', 'Steady', async () => 2);
  expect(await linesOf(metrics)).toEqual(['quartet_steady 2']);
});
