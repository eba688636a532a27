import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { HealthCheck } from './health.ts';
import { createMetrics, observeProcess } from './metrics.ts';

const linesOf = async (metrics: ReturnType<typeof createMetrics>) =>
  (await metrics.registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('given values that are read, then each scrape shows the current values', async () => {
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

test('given a value that never comes, then the others are delayed only briefly', async () => {
  const metrics = createMetrics();
  metrics.observe('stuck', 'Stuck', () => new Promise(() => undefined));
  metrics.observe('steady', 'Steady', async () => 2);
  expect(await linesOf(metrics)).toEqual(['quartet_steady 2']);
});

async function metricsWith(health: HealthCheck): Promise<string> {
  const registry = new Registry();
  observeProcess(registry, health);
  return registry.metrics();
}

test.each<[string, HealthCheck, number]>([
  ['no problem', async () => ({ problems: [], notes: ['the broker is away'] }), 1],
  ['a problem', async () => ({ problems: ['the database does not answer'], notes: [] }), 0],
  ['a check that fails', () => Promise.reject(new Error('no')), 0],
])(
  'given %s, then quartet_ready shows it, beside the metrics of the process',
  async (_what, health, ready) => {
    const text = await metricsWith(health);
    expect(text).toContain(`\nquartet_ready ${ready}\n`);
    expect(text).toContain('\nprocess_resident_memory_bytes ');
  },
);
