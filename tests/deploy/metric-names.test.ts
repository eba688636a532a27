import { observeProcess } from '@quartet/common/process/metrics.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { partsOf, rowsWith } from '../document/markdown.ts';
import { runAuth, runGateway, runItems, runNotifier } from '../support/services.ts';
import { startTestbed, type Testbed } from '../support/testbed.ts';
import { dashboardQueries, textOf } from './read-deploy.ts';

let bed: Testbed;
const registered = new Map<string, string[]>();
let all: string;

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
  const processes = { gateway, auth, items, notifier };
  all = Object.keys(processes).join(', ');
  for (const [process, { metrics }] of Object.entries(processes)) {
    for (const { name } of await metrics.getMetricsAsJSON()) {
      registered.set(name, [...(registered.get(name) ?? []), process]);
    }
  }
});
afterAll(() => bed.stop());

/** The names are from rules and dashboard; a histogram has several parts. */
const queries = [textOf('deploy/prometheus/alerts.yml'), ...dashboardQueries()].join('\n');
const names = queries.match(/\b(?:quartet|nodejs|process)_[a-z0-9_]+/g) ?? [];
const asked = new Set(names.map((name) => name.replace(/_(?:bucket|count|sum)$/, '')));

test.each([...asked].toSorted())('given the metric %s, then some process exports it', (name) => {
  expect([...registered.keys()]).toContain(name);
});

test('given the table of metrics in docs/observability.md, then it has those of our own, each with its processes', () => {
  const rows = rowsWith(partsOf(textOf('docs/observability.md')).prose, 'metric').map((row) => ({
    metric: /^`(\w+)/.exec(row.metric ?? '')?.[1],
    processes: row.process === 'all' ? all : row.process,
  }));
  const own = [...registered]
    .filter(([name]) => name.startsWith('quartet_'))
    // In this test, only the gateway reports its readiness.
    .map(([metric, processes]) => ({
      metric,
      processes: metric === 'quartet_ready' ? all : processes.join(', '),
    }));
  const byName = (one: { metric: string | undefined }) => one.metric ?? '';
  expect(rows.toSorted((a, b) => byName(a).localeCompare(byName(b)))).toEqual(
    own.toSorted((a, b) => byName(a).localeCompare(byName(b))),
  );
});
