import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { HealthCheck } from './health.ts';
import { observeProcess } from './process-metrics.ts';

async function metricsWith(health: HealthCheck): Promise<string> {
  const registry = new Registry();
  observeProcess(registry, health);
  return registry.metrics();
}

test.each<[string, HealthCheck, number]>([
  ['no problem', async () => ({ problems: [], notes: ['the broker is away'] }), 1],
  ['a problem', async () => ({ problems: ['the database does not answer'], notes: [] }), 0],
  ['a check that fails', () => Promise.reject(new Error('no')), 0],
])('given %s, then the process tells so, and of itself', async (_what, health, ready) => {
  const text = await metricsWith(health);
  expect(text).toContain(`\nquartet_ready ${ready}\n`);
  expect(text).toContain('\nprocess_resident_memory_bytes ');
});
