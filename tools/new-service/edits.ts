/** Each match is followed by its copy, by its renamed copy in an import, or by the new name in a list. */
export type Edit = { copy: RegExp } | { imported: RegExp } | { list: RegExp; separator: string };

const copy = (...patterns: RegExp[]): Edit[] => patterns.map((pattern) => ({ copy: pattern }));
const list = (pattern: RegExp, separator: string): Edit => ({ list: pattern, separator });

const BASE = 'deploy/kubernetes/base';
const EXAMPLE = 'deploy/kubernetes/overlays/example';

export const edits: Readonly<Record<string, Edit[]>> = {
  'services/services.ts': copy(/^ {2}items: \{\n(?: {4}.*\n)+ {2}\},\n/m),
  'libs/common/src/events/contracts.ts': [
    ...copy(
      /^const ITEM_ID = .*\n/m,
      /^const item = \{\n(?: {2}.*\n)+\};\n/m,
      /(?:^ {2}'item\.[\w-]+': \{\n(?: {4}.*\n)+ {2}\},\n)+/m,
    ),
    list(/^export type Producer = .*'items'/m, ' | '),
  ],
  'tests/support/services.ts': copy(
    /^import .*services\/items\/.*\n/gm,
    /^export async function runItems\([\s\S]*?^\}\n\n/m,
    /^ {2}items: runItems,\n/m,
  ),
  'api.http': copy(/^@item_id = .*\n/m, /^### List items\n[\s\S]*?(?=^### (?!.*\bitems?$))/m),
  'docs/architecture.md': copy(/^\| items \| .*\n/m),
  'tests/support/fixtures.ts': [
    { imported: /(?<=^import \{.*)\brunItems(?=.*from '\.\/services\.ts')/m },
    ...copy(/^\/\*\* auth and items; `call` calls items\. \*\/\n[\s\S]*?^ {2}\}\);\n\n/m),
  ],
  // The compiler requires these records of events to be complete.
  'services/gateway/src/async-api/async-api.test.ts': copy(/(?:^ {2}'item\.[\w-]+': \{.*\n)+/m),
  'services/gateway/src/live/audience.test.ts': copy(/(?:^ {2}'item\.[\w-]+': \[.*\n)+/m),
  'tests/crash/checks/fingerprint.ts': copy(/(?:^ {2}'item\.[\w-]+': \[.*\n)+/m),
  Dockerfile: copy(
    /^COPY services\/items\/package\.json .*\n/m,
    /^FROM manifests AS items-modules\n.+\n/m,
    /^FROM runtime AS items\n(?:.+\n)+\n/m,
  ),
  'docker-compose.yml': copy(
    /^ {6}items: \{ condition: service_healthy \}\n/m,
    /^ {6}ITEMS_URL: .*\n/m,
    /^ {2}items:\n(?: {4}.*\n)+\n/m,
    /^ {6}DATABASE_PASSWORD_ITEMS: .*\n/m,
    /^ {6}NATS_PASSWORD_ITEMS: .*\n/m,
  ),
  'docker-compose.production.yml': copy(
    /^ {2}items: .*\n/m,
    /^ {6}DATABASE_PASSWORD_ITEMS: .*\n/m,
    /^ {6}NATS_PASSWORD_ITEMS: .*\n/m,
  ),
  'docker-compose.documentdb.yml': copy(/^ {2}items: .*\n/m),
  '.env.example': copy(
    /^ITEMS_URL=\n/m,
    /^(?:MONGODB_URL|NATS_URL|DATABASE_PASSWORD|NATS_PASSWORD|DOCKER_IMAGE)_ITEMS=.*\n/gm,
  ),
  'deploy/prometheus/prometheus.yml': [
    ...copy(/^ +- \{ names: \[items\].*\n/m),
    list(/regex: \(.*\bitems(?=[|)])/, '|'),
  ],
  [`${BASE}/kustomization.yaml`]: copy(
    /^ {2}- items\.yaml\n/m,
    /^ {6}- ITEMS_URL=.*\n/m,
    /^ {2}- name: items\n {4}literals:\n(?: {6}.*\n)+/m,
  ),
  [`${BASE}/network-policies.yaml`]: copy(
    /^ {4}- to:\n.*component: items \} \}\n.*\n/m,
    /(?<=component: gateway \} \}\n) {8}- podSelector: .*component: items \} \}\n/m,
    /^(?:#.*\n)?apiVersion: .*\nkind: NetworkPolicy\nmetadata:\n {2}name: items\n(?:(?!---).*\n)+---\n/m,
  ),
  'deploy/kubernetes/components/database-ca/kustomization.yaml': [
    list(/kind: Deployment, name: .*\bitems(?=[| ])/, '|'),
  ],
  [`${EXAMPLE}/kustomization.yaml`]: copy(
    /^ {2}- \{ name: quartet-items,.*\n/m,
    /^ {2}- name: items\n {4}behavior: merge\n {4}literals:\n(?: {6}.*\n)+/m,
    /^ {2}- name: items\n {4}envs: .*\n/m,
  ),
  [`${EXAMPLE}/places.yaml`]: [list(/operator: In, values: \[.*\bitems(?=[,\]])/, ', ')],
};

export const ownFiles = ['services/items', `${BASE}/items.yaml`, `${EXAMPLE}/secrets/items.env`] as const;
