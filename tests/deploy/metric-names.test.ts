import { observeProcess } from '@quartet/common/process/metrics.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runAuth, runGateway, runItems, runNotifier } from '../support/services.ts';
import { startTestbed, type Testbed } from '../support/testbed.ts';
import { dashboardQueries, textOf } from './read-deploy.ts';

let bed: Testbed;
const registered = new Set<string>();

beforeAll(async () => {
  bed = await startTestbed();
  const auth = await runAuth(bed, { RATE_LIMITS: 'on' });
  const [items, notifier] = await Promise.all([runItems(bed, auth), runNotifier(bed, auth)]);
  const gateway = await runGateway(bed, {
    AUTH_URL: auth.url,
    ITEMS_URL: items.url,
    NOTIFIER_URL: notifier.url,
  });
  observeProcess(gateway.metrics, gateway.health);
  for (const { metrics } of [gateway, auth, items, notifier]) {
    for (const { name } of await metrics.getMetricsAsJSON()) registered.add(name);
  }
});
afterAll(() => bed.stop());

/** Names that rules and dashboard ask for; a histogram is asked for by its parts. */
const queries = [textOf('deploy/prometheus/alerts.yml'), ...dashboardQueries()].join('\n');
const names = queries.match(/\b(?:quartet|nodejs|process)_[a-z0-9_]+/g) ?? [];
const asked = new Set(names.map((name) => name.replace(/_(?:bucket|count|sum)$/, '')));

test.each([...asked].toSorted())('%s is a metric of some process', (name) => {
  expect([...registered]).toContain(name);
});
