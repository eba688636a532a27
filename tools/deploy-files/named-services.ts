import { privatePortOf, type ServiceDescription, settingName } from '@quartet/common/service/description.ts';
import { secretsOf } from '@quartet/common/service/settings.ts';

type Named = {
  name: string;
  setting: string;
  port: number;
  privatePort: number;
  isUpstream: boolean;
  hasData: boolean;
  secrets: readonly string[];
  ownSecrets: readonly string[];
};

type Naming = string | RegExp;

const BASE = 'deploy/kubernetes/base';
const EXAMPLE = 'deploy/kubernetes/overlays/example';

const namings: [file: (service: Named) => string, of: (service: Named) => Naming[]][] = [
  [
    () => 'Dockerfile',
    ({ name, port, privatePort }) => [
      `COPY services/${name}/package.json services/${name}/\n`,
      `FROM manifests AS ${name}-modules\n`,
      `FROM runtime AS ${name}\n`,
      `EXPOSE ${port} ${privatePort}\n`,
      `"services/${name}/src/main.ts"`,
    ],
  ],
  [
    () => 'docker-compose.yml',
    ({ name, setting, port, isUpstream, hasData, ownSecrets }) => [
      `\n  ${name}:\n`,
      `target: ${name} }`,
      `NATS_USER: ${name}\n`,
      `NATS_PASSWORD: \${NATS_PASSWORD_${setting}:-`,
      `NATS_PASSWORD_${setting}: \${`,
      ...when(
        isUpstream,
        `\n      ${name}: { condition: service_healthy }`,
        `${setting}_URL: http://${name}:${port}\n`,
      ),
      ...when(
        hasData,
        `DOCUMENTDB_USER: \${DOCUMENTDB_DB:-app}-${name}\n`,
        `DATABASE_PASSWORD_${setting}: \${`,
      ),
      ...ownSecrets.map((secret) => `${secret}: \${${secret}:-`),
    ],
  ],
  [
    () => 'docker-compose.production.yml',
    ({ name, setting, hasData }) => [
      `\n  ${name}:`,
      `NATS_PASSWORD_${setting}: \${NATS_PASSWORD_${setting}:?`,
      ...when(hasData, `DATABASE_PASSWORD_${setting}: \${DATABASE_PASSWORD_${setting}:?`),
    ],
  ],
  [
    () => 'docker-compose.documentdb.yml',
    ({ name, hasData }) => when(hasData, `\n  ${name}: { environment: *login }\n`),
  ],
  [
    () => '.env.example',
    ({ name, setting, isUpstream, hasData, ownSecrets }) => [
      `\nNATS_URL_${setting}=`,
      `\nNATS_PASSWORD_${setting}=`,
      `\nDOCKER_IMAGE_${setting}=quartet-${name}\n`,
      ...when(isUpstream, `\n${setting}_URL=`),
      ...when(hasData, `\nMONGODB_URL_${setting}=`, `\nDATABASE_PASSWORD_${setting}=`),
      ...ownSecrets.map((secret) => `\n${secret}=`),
    ],
  ],
  [
    () => 'deploy/prometheus/prometheus.yml',
    ({ name, privatePort }) => [
      `names: [${name}], type: A, port: ${privatePort},`,
      new RegExp(`regex: \\((.*\\|)?${name}(\\|.*)?\\)`),
    ],
  ],
  [
    () => `${BASE}/kustomization.yaml`,
    ({ name, setting, port, isUpstream, hasData }) => [
      `\n  - ${name}.yaml\n`,
      `NATS_USER=${name}\n`,
      ...when(isUpstream, `${setting}_URL=http://${name}:${port}\n`),
      ...when(hasData, `DOCUMENTDB_USER=app-${name}\n`),
    ],
  ],
  [
    ({ name }) => `${BASE}/${name}.yaml`,
    ({ name, port, privatePort }) => [
      `image: quartet-${name}\n`,
      `containerPort: ${port} `,
      `containerPort: ${privatePort} `,
    ],
  ],
  [
    () => `${BASE}/network-policies.yaml`,
    ({ name, port, isUpstream }) => [
      `  name: ${name}\n`,
      ...when(isUpstream, `component: ${name} } }\n      ports: [{ port: ${port}, protocol: TCP }]`),
    ],
  ],
  [
    () => 'deploy/kubernetes/components/database-ca/kustomization.yaml',
    ({ name, hasData }) => when(hasData, new RegExp(`kind: Deployment, name: (.*\\|)?${name}(\\|.*)? }`)),
  ],
  [
    () => `${EXAMPLE}/kustomization.yaml`,
    ({ name }) => [
      `name: quartet-${name},`,
      `- name: ${name}\n    behavior: merge\n`,
      `envs: [secrets/${name}.env]`,
    ],
  ],
  [({ name }) => `${EXAMPLE}/secrets/${name}.env`, ({ secrets }) => secrets.map((secret) => `${secret}=`)],
  [
    () => `${EXAMPLE}/places.yaml`,
    ({ name, hasData }) => when(hasData, new RegExp(`operator: In, values: \\[(.*, )?${name}(, .*)?\\]`)),
  ],
  [() => 'package-lock.json', ({ name }) => [`"services/${name}": {`, `"node_modules/@quartet/${name}": {`]],
];

/** Returns one line per missing name, with the file, the service and the text; paths are repository paths. */
export function missingNames(
  all: Readonly<Record<string, ServiceDescription>>,
  textOf: (file: string) => string | undefined,
): string[] {
  return Object.entries(all).flatMap(([name, row]) => {
    const service = asNamed(name, row);
    return namings.flatMap(([fileOf, of]) => {
      const file = fileOf(service);
      const text = textOf(file) ?? '';
      return of(service)
        .filter((naming) => !(typeof naming === 'string' ? text.includes(naming) : naming.test(text)))
        .map((naming) => `${file} does not name ${name}: ${shown(naming)}`);
    });
  });
}

const asNamed = (name: string, row: ServiceDescription): Named => ({
  name,
  setting: settingName(name),
  port: row.port,
  privatePort: privatePortOf(row.port),
  isUpstream: row.paths.length > 0,
  hasData: row.collections.length > 0,
  secrets: secretsOf(row),
  ownSecrets: row.secrets,
});

const when = (applies: boolean, ...namings: Naming[]): Naming[] => (applies ? namings : []);

const shown = (naming: Naming): string => (typeof naming === 'string' ? naming.trim() : naming.source);
