import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { alerts, dashboardQueries, isHere, ROOT, textOf } from './read-deploy.ts';

const promtool = (...args: string[]) => execFileSync('promtool', args, { cwd: ROOT, encoding: 'utf8' });

test.each([...alerts()])(
  'given the alert %s, then it has a severity, a text and instructions',
  (name, rule) => {
    expect(rule).toMatch(/labels: \{ severity: (critical|warning) \}/);
    expect(rule).toMatch(/summary: ".+"/);
    expect(rule).toMatch(/description: ".+"/);
    expect(rule).toContain(`runbook_url: docs/operations/incidents.md#${name.toLowerCase()}`);
    expect(textOf('docs/operations/incidents.md')).toContain(`\n### ${name}\n`);
    expect(textOf('deploy/prometheus/alerts-test.yml')).toContain(`- name: ${name}\n`);
  },
);

test.skipIf(!isHere('promtool'))(
  'promtool finds no fault in the rules, and each alert fires when it should',
  () => {
    expect(promtool('check', 'config', 'deploy/prometheus/prometheus.yml')).toContain('SUCCESS');
    expect(promtool('test', 'rules', 'deploy/prometheus/alerts-test.yml')).toContain('SUCCESS');
  },
);

test.skipIf(!isHere('promtool'))('given the dashboard, then promtool accepts its queries', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quartet-test-dashboard-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'panels.json');
  const rules = dashboardQueries().map((query, n) => ({
    record: `panel:${n}`,
    // Grafana replaces these variables.
    expr: query.replaceAll('$__rate_interval', '1m').replaceAll('$component', '.*'),
  }));
  // JSON is YAML too.
  await writeFile(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
  expect(promtool('check', 'rules', file)).toContain(`${rules.length} rules found`);
});
