import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

export const ROOT = join(import.meta.dirname, '../..');

export const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

export const isHere = (program: string): boolean =>
  spawnSync(program, ['--help'], { stdio: 'ignore' }).error === undefined;

const dashboard = z.object({
  panels: z.array(
    z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) }),
  ),
});

/** Returns the Prometheus queries of the dashboard's panels. */
export function dashboardQueries(): string[] {
  const { panels } = dashboard.parse(JSON.parse(textOf('deploy/grafana/quartet.json')));
  return panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
}

/** Returns the text of each rule by the name of its alert. */
export function alerts(): Map<string, string> {
  const [, ...rules] = textOf('deploy/prometheus/alerts.yml').split('- alert: ');
  return new Map(rules.map((rule) => [rule.split('\n')[0] ?? '', rule]));
}

const resource = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
});

export type Resource = z.output<typeof resource>;

/** `kubectl` converts kustomize's YAML to JSON without a cluster. */
export function render(folder: string): Resource[] {
  const yaml = execFileSync('kubectl', ['kustomize', join(ROOT, folder)]);
  const asJson = ['annotate', '--local', '--filename=-', '--output=json', 'quartet/rendered=yes'];
  const json = execFileSync('kubectl', asJson, {
    input: yaml,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return z.array(resource).parse(JSON.parse(`[${json.replaceAll(/^\}\n\{/gm, '},{')}]`));
}
