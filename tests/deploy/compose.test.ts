import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { recordOf, settingName } from '@quartet/common/service/description.ts';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { dataServiceNames, serviceNames, services as table } from '../../services/services.ts';

const ROOT = join(import.meta.dirname, '../..');
const OURS: readonly string[] = serviceNames;
/** Only a server has it. */
const DASHBOARD = 'dashboard';

/** Each value is its own name, so that a test sees where it is used. */
const secrets = Object.fromEntries(
  [
    ...serviceNames.flatMap((name) => table[name].secrets),
    'DOCUMENTDB_PASSWORD',
    ...[...dataServiceNames, 'browser'].map((user) => `DATABASE_PASSWORD_${settingName(user)}`),
    ...[...serviceNames, 'admin'].map((user) => `NATS_PASSWORD_${settingName(user)}`),
  ].map((name) => [name, `the-${name}`]),
);
const production = { ...secrets, DOMAIN: 'example.org', ACME_EMAIL: 'ops@example.org', OPERATORS: 'ops:x' };

const container = z.object({
  image: z.string(),
  restart: z.string(),
  mem_limit: z.string(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  ports: z.array(z.object({ host_ip: z.string().optional(), published: z.string() })).default([]),
  environment: z.record(z.string(), z.string().nullable()).default({}),
  entrypoint: z.array(z.string()).nullish(),
  command: z.array(z.string()).nullish(),
  labels: z.record(z.string(), z.string()).default({}),
  networks: z.record(z.string(), z.unknown()),
});
const project = z.object({
  services: z.record(z.string(), container),
  networks: z.record(z.string(), z.object({ internal: z.boolean().default(false) })),
});

function compose(args: string[], env: NodeJS.ProcessEnv = {}): string {
  const { PATH, HOME, DOCKER_CONFIG } = process.env;
  // The .env of a developer does not count here.
  return execFileSync('docker', ['compose', '--env-file', '/dev/null', ...args], {
    cwd: ROOT,
    env: { PATH, HOME, DOCKER_CONFIG, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
}

/** Returns the merged configuration; no engine is needed. */
function configOf(files: string[], env: NodeJS.ProcessEnv = {}) {
  const named = files.flatMap((name) => ['-f', `docker-compose${name}.yml`]);
  const json = compose([...named, '--profile', 'local', 'config', '--format', 'json'], env);
  return project.parse(JSON.parse(json));
}

const services = (files: string[], env?: NodeJS.ProcessEnv) => Object.entries(configOf(files, env).services);

/** Returns the containers that share a network with this one. */
function neighbours({ services }: ReturnType<typeof configOf>, name: string): string[] {
  const own = Object.keys(services[name]?.networks ?? {});
  return Object.entries(services)
    .filter(([other, { networks }]) => other !== name && own.some((network) => network in networks))
    .map(([other]) => other)
    .toSorted();
}

const published = (all: ReturnType<typeof services>): string[] =>
  all
    .flatMap(([name, { ports }]) =>
      ports.map(({ host_ip, published }) => `${name} ${host_ip ?? '*'}:${published}`),
    )
    .toSorted();

function hasCompose(): boolean {
  try {
    compose(['version']);
    return true;
  } catch {
    return false;
  }
}

describe('the check before a container’s command on a server', () => {
  const run = (secrets: Record<string, string>) =>
    spawnSync('sh', ['deploy/refuse-default.sh', 'sh', '-c', 'echo "$0, $1" && exit 3', 'a b', 'c'], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, ...secrets },
      encoding: 'utf8',
    });

  test('given changed secrets, then it starts the command', () => {
    const own = { ROOT_PASSWORD: 'of my own', PASSWORD_AUTH: 'not changethis' };
    expect(run(own)).toMatchObject({ status: 3, stdout: 'a b, c\n', stderr: '' });
  });

  test.each(['ROOT_PASSWORD', 'PASSWORD_AUTH'])(
    'given %s is "changethis", then it starts nothing',
    (name) => {
      const stderr = `must not be "changethis" in production: ${name} \n`;
      expect(run({ ROOT_PASSWORD: 'x', [name]: 'changethis' })).toMatchObject({
        status: 1,
        stdout: '',
        stderr,
      });
    },
  );
});

describe.skipIf(!hasCompose())('the compose files', () => {
  const local = ['', '.override'];
  const server = ['', '.production'];
  const combinations: [string, string[], NodeJS.ProcessEnv][] = [
    ['a developer’s machine', local, {}],
    ['one with the open-source DocumentDB', [...local, '.documentdb'], {}],
    ['a server', server, production],
    ['a server with the open-source DocumentDB', [...server, '.documentdb'], production],
  ];

  test.each(combinations)('given %s, then every container has limits and restarts', (_, files, env) => {
    for (const [name, { restart, mem_limit }] of services(files, env)) {
      expect([name, restart, Number(mem_limit) > 0]).toEqual([name, 'unless-stopped', true]);
    }
  });

  test.each(combinations)('given %s, then our containers are read-only and unprivileged', (_, files, env) => {
    const wanted = files.includes('.production') ? [...OURS, DASHBOARD] : OURS;
    const own = services(files, env).filter(([name]) => wanted.includes(name));
    expect(own.map(([name]) => name).toSorted()).toEqual(wanted.toSorted());
    for (const [, { read_only, cap_drop }] of own) {
      expect({ read_only, cap_drop }).toEqual({ read_only: true, cap_drop: ['ALL'] });
    }
  });

  test('given a developer’s machine, then the gateway and the tools are published, on localhost', () => {
    const ports = ['gateway 127.0.0.1:8000', 'mailpit 127.0.0.1:8025', 'mongo-express 127.0.0.1:8081'];
    expect(published(services(local))).toEqual(ports);
    expect(published(services([...local, '.documentdb']))).toEqual(ports);
  });

  test('given a server, then only the proxy is published', () => {
    expect(published(services(server, production))).toEqual(['traefik *:443', 'traefik *:80']);
  });

  test('given secrets, then only a service that reads one gets it', () => {
    const given = services(server, production).map(([name, { environment }]) => [
      name,
      Object.keys(secrets).filter((secret) =>
        Object.values(environment).some((value) => new RegExp(`the-${secret}\\b`).test(value ?? '')),
      ),
    ]);
    expect(Object.fromEntries(given)).toMatchObject({
      ...recordOf(serviceNames, (name) => [
        ...table[name].secrets,
        ...(table[name].collections.length > 0 ? [`DATABASE_PASSWORD_${settingName(name)}`] : []),
        `NATS_PASSWORD_${settingName(name)}`,
      ]),
      traefik: [],
      [DASHBOARD]: [],
      'mongo-express': ['DATABASE_PASSWORD_BROWSER'],
    });
  });

  // mongo-express runs scripts that its caller sends, and has no login on a developer's machine.
  test.each(combinations)('given %s, then mongo-express reaches only the database', (_, files, env) => {
    const config = configOf(files, env);
    const proxy = files.includes('.production') ? ['traefik'] : [];
    expect(neighbours(config, 'mongo-express')).toEqual(['documentdb', ...proxy]);
    const ways = Object.keys(config.services.documentdb?.networks ?? {});
    expect(ways.filter((network) => !config.networks[network]?.internal)).toEqual([]);
  });

  test.each(combinations.slice(0, 1))(
    'given %s, then it logs in as a user who only reads',
    (_, files, env) => {
      const { environment } = configOf(files, env).services['mongo-express'] ?? {};
      expect(environment?.ME_CONFIG_MONGODB_URL).toMatch(
        /^mongodb:\/\/app-browser:changethis@documentdb:27017\/app\?/,
      );
      // With a server or an administrator, mongo-express ignores the address.
      expect(
        Object.keys(environment ?? {}).filter((name) => /SERVER|ADMINUSER|ADMINPASS/.test(name)),
      ).toEqual([]);
      expect(environment?.ME_CONFIG_MONGODB_ENABLE_ADMIN).toBe('false');
    },
  );

  test.each(
    Object.keys(production).filter(
      (name) => !/^(SECRET_KEY|FIRST_|SMTP_|DATABASE_PASSWORD_BROWSER)/.test(name),
    ),
  )('given a server without %s, then it does not start', (name) => {
    expect(() => services(server, { ...production, [name]: '' })).toThrow(`${name} is missing a value`);
  });

  test('given a server, then the passwords of database and broker are checked before anything is created', () => {
    const guarded = services(server, production).filter(([, { entrypoint }]) =>
      entrypoint?.includes('/refuse-default.sh'),
    );
    expect(guarded.map(([name]) => name)).toEqual(['documentdb', 'nats']);
  });

  test('given a server, then the dashboard is at a name of its own, knows where the API is, and reaches no engine and no service behind the gateway', () => {
    const config = configOf(server, production);
    const { dashboard, gateway } = config.services;
    expect(dashboard?.labels).toMatchObject({
      'traefik.http.routers.quartet-dashboard.rule': 'Host(`dashboard.example.org`)',
    });
    expect(dashboard?.environment.API_URL).toBe('https://api.example.org');
    expect(neighbours(config, DASHBOARD)).toEqual(['gateway', 'traefik']);
    expect(gateway?.environment).toMatchObject({
      DASHBOARD: 'off',
      BACKEND_CORS_ORIGINS: 'https://dashboard.example.org',
    });
  });

  test('given a server, then the proxy checks the readiness of each gateway', () => {
    const { gateway } = Object.fromEntries(services(server, production));
    const asked = 'traefik.http.services.quartet-api.loadbalancer.healthcheck';
    expect(gateway?.labels).toMatchObject({ [`${asked}.port`]: '9000', [`${asked}.path`]: '/health/ready' });
  });

  test('given a server with the open-source DocumentDB, then the image keeps its own command', () => {
    const { documentdb } = Object.fromEntries(services([...server, '.documentdb'], production));
    expect(documentdb).toMatchObject({ entrypoint: null, command: null });
  });

  test('given a server, then ENVIRONMENT is production whatever .env says', () => {
    const said = services(server, { ...production, ENVIRONMENT: 'local' })
      .filter(([name]) => OURS.includes(name))
      .map(([, { environment }]) => environment.ENVIRONMENT);
    expect(said).toEqual(OURS.map(() => 'production'));
  });
});
