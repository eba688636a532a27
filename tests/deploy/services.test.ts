import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { contracts } from '@quartet/common/events/contracts.ts';
import type { ServiceDescription } from '@quartet/common/service/description.ts';
import { expect, test } from 'vitest';
import { descriptions, serviceNames, services } from '../../services/services.ts';
import { missingNames } from '../../tools/deploy-files/named-services.ts';
import { ROOT, textOf } from './read-deploy.ts';

const textIfThere = (file: string) => (existsSync(join(ROOT, file)) ? textOf(file) : undefined);

const wanted: ServiceDescription = {
  port: 8004,
  paths: ['/wanted'],
  collections: ['wanted'],
  secrets: ['WANTED_KEY'],
  consumes: ['user.deleted'],
};

test('given the table of services, then every file of a deployment names each of them', () => {
  expect(missingNames(descriptions, textIfThere)).toEqual([]);
});

test('given a service that the table has and no file names, then each of the files is reported', () => {
  const lines = missingNames({ wanted }, textIfThere);
  expect(new Set(lines.map((line) => line.split(' ')[0]))).toEqual(
    new Set([
      ...['Dockerfile', '.env.example', 'package-lock.json', 'deploy/prometheus/prometheus.yml'],
      ...['', '.production', '.documentdb'].map((name) => `docker-compose${name}.yml`),
      ...['kustomization', 'network-policies', 'wanted'].map((name) => `deploy/kubernetes/base/${name}.yaml`),
      'deploy/kubernetes/components/database-ca/kustomization.yaml',
      ...['kustomization.yaml', 'places.yaml', 'secrets/wanted.env'].map(
        (name) => `deploy/kubernetes/overlays/example/${name}`,
      ),
    ]),
  );
  expect(lines).toContain('.env.example does not name wanted: WANTED_KEY=');
});

/** Another test compares generated files as a whole; alerts need not name a service. */
const CHECKED_ELSEWHERE = /^deploy\/(mongo|nats|prometheus\/alerts)/;

test('given a file of a deployment that names all services, then it is one of those that are checked', () => {
  const listed = execFileSync(
    'git',
    ['ls-files', 'deploy', 'Dockerfile', 'docker-compose*', '.env.example'],
    {
      cwd: ROOT,
      encoding: 'utf8',
    },
  );
  const checked = new Set(missingNames({ wanted }, () => undefined).map((line) => line.split(' ')[0]));
  const naming = listed
    .split('\n')
    .filter((file) => existsSync(join(ROOT, file)) && file !== '' && !CHECKED_ELSEWHERE.test(file))
    .filter((file) =>
      ['auth', 'items', 'notifier'].every((name) => new RegExp(`\\b${name}\\b`).test(textOf(file))),
    );
  expect(naming.length).toBeGreaterThan(8);
  expect(naming.filter((file) => !checked.has(file))).toEqual([]);
});

test('given the table, then no port, path or collection is two services’', () => {
  const rows = Object.values(descriptions);
  for (const values of [
    rows.flatMap(({ port }) => port),
    rows.flatMap(({ paths }) => paths),
    rows.flatMap(({ collections }) => collections),
  ]) {
    expect(values.length).toBe(new Set<number | string>(values).size);
  }
});

test('given the contracts of the events, then each producer is a service with data: its events wait in its documents', () => {
  for (const { producer } of Object.values(contracts)) {
    expect(serviceNames).toContain(producer);
    expect(services[producer].collections.length).toBeGreaterThan(0);
  }
});

test('given the folders of services, then each is in the table, and no other', () => {
  const folders = readdirSync(join(ROOT, 'services')).filter((name) =>
    existsSync(join(ROOT, 'services', name, 'package.json')),
  );
  expect(folders.toSorted()).toEqual(serviceNames.toSorted());
});
