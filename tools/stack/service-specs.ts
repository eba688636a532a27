import { join } from 'node:path';
import { list } from '@quartet/common/config/fields.ts';
import { addressSetting } from '@quartet/common/service/description.ts';
import { type ServiceName, serviceNames, type UpstreamName, upstreamNames } from '../../services/services.ts';
import { dataPaths } from './data-folder.ts';
import { originAt, reachableAt, withoutSecrets } from './environment.ts';
import { MALLOC_SETTINGS, NODE_FLAGS } from './node-process.ts';
import type { PortPlan, ServicePorts } from './ports.ts';
import { itemsName } from './ports.ts';
import type { Phase, ProcessSpec } from './process-spec.ts';
import { settingsFor, withoutOthersSecrets } from './service-settings.ts';

export const SERVICES = serviceNames;

export type Programs = {
  root: string;
  services: string;
  mailCatcher: string;
};

export type Wiring = {
  programs: Programs;
  ports: PortPlan;
  host: string;
  dataDir: string;
  env: NodeJS.ProcessEnv;
  secretKey: string;
  /** It is set for our own database; otherwise the services read the configured address. */
  databaseUrl?: string | undefined;
  /** It is set for our own broker, where each service has its own password. */
  broker?: { url: string; passwords: Record<ServiceName, string> } | undefined;
  /** A module that each process loads first. */
  preload?: string | undefined;
};

export function describeProcesses(wiring: Wiring): ProcessSpec[] {
  const { ports } = wiring;
  return [
    ...(wantsMailCatcher(wiring.env) ? [mailCatcher(wiring)] : []),
    ...upstreamNames.flatMap((folder) =>
      placesOf(folder, ports).map(([name, own]) =>
        behindGateway(wiring, service(wiring, name, folder, own, 'services')),
      ),
    ),
    service(wiring, 'gateway', 'gateway', ports.gateway, 'gateway'),
  ];
}

/** E-mails go to the mail catcher when no SMTP server is configured. */
export function wantsMailCatcher(env: NodeJS.ProcessEnv): boolean {
  return env.SMTP_HOST === undefined;
}

type Place = readonly [name: string, ports: ServicePorts];

const placesOf = (service: UpstreamName, ports: PortPlan): Place[] =>
  service === 'items' ? ports.items.map((own, at) => [itemsName(at), own]) : [[service, ports[service]]];

function service(
  wiring: Wiring,
  name: string,
  folder: ServiceName,
  own: ServicePorts,
  phase: Phase,
): ProcessSpec {
  const { programs, ports, host } = wiring;
  const urlOf = ([, { port }]: Place) => `http://${reachableAt(host)}:${port}`;
  return {
    name,
    phase,
    file: process.execPath,
    args: [...nodeOptions(wiring), join(programs.services, folder, 'src', 'main.ts')],
    cwd: programs.root,
    ready: { url: `http://${reachableAt(host)}:${own.privatePort}/health/ready` },
    env: withoutOthersSecrets(folder, {
      ...MALLOC_SETTINGS,
      ...dashboardSettings(wiring),
      ...settingsFor(folder, wiring.env),
      ...(wantsMailCatcher(wiring.env) ? mailSettings(wiring) : {}),
      ...(wiring.databaseUrl === undefined ? {} : { MONGODB_URL: wiring.databaseUrl }),
      ...(wiring.broker === undefined ? {} : brokerSettings(wiring.broker, folder)),
      SECRET_KEY: wiring.secretKey,
      HOST: host,
      PORT: String(own.port),
      PRIVATE_PORT: String(own.privatePort),
      ...Object.fromEntries(
        upstreamNames.map((upstream) => [
          addressSetting(upstream),
          placesOf(upstream, ports).map(urlOf).join(','),
        ]),
      ),
      // Nothing waits for a drain here: all processes end together.
      DRAIN_SECONDS: '0',
    }),
  };
}

/** Links in e-mails lead to the gateway, which serves the dashboard, unless another frontend is configured. */
function dashboardSettings({ host, ports }: Wiring): NodeJS.ProcessEnv {
  return { FRONTEND_HOST: originAt(host, ports.gateway.port) };
}

function brokerSettings(
  { url, passwords }: NonNullable<Wiring['broker']>,
  user: ServiceName,
): NodeJS.ProcessEnv {
  return { NATS_URL: url, NATS_USER: user, NATS_PASSWORD: passwords[user] };
}

/** Such a service trusts the client addresses from the gateway; the gateway trusts no caller. */
function behindGateway({ env, host }: Wiring, spec: ProcessSpec): ProcessSpec {
  const given = list('').safeParse(env.TRUSTED_PROXIES);
  // The service itself reports a value that is no list.
  if (!given.success) return spec;
  const gateway = reachableAt(host).replace(/^\[(.*)\]$/, '$1');
  return { ...spec, env: { ...spec.env, TRUSTED_PROXIES: [...given.data, gateway].join(',') } };
}

function mailSettings({ env, host, ports }: Wiring): NodeJS.ProcessEnv {
  return {
    SMTP_HOST: host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host,
    SMTP_PORT: String(ports.mail.smtp),
    SMTP_TLS: 'false',
    SMTP_SSL: 'false',
    SMTP_USER: '',
    SMTP_PASSWORD: '',
    EMAILS_FROM_EMAIL: env.EMAILS_FROM_EMAIL ?? 'noreply@example.com',
  };
}

const nodeOptions = ({ preload }: Wiring): string[] => [
  ...NODE_FLAGS,
  ...(preload === undefined ? [] : [`--import=${preload}`]),
];

function mailCatcher(wiring: Wiring): ProcessSpec {
  const { programs, ports, host, dataDir, env } = wiring;
  return {
    name: 'mail',
    phase: 'mail',
    file: process.execPath,
    args: [...nodeOptions(wiring), programs.mailCatcher],
    cwd: programs.root,
    ready: { url: `http://${reachableAt(host)}:${ports.mail.http}/readyz` },
    env: {
      ...MALLOC_SETTINGS,
      ...withoutSecrets(env),
      MAIL_SMTP_PORT: String(ports.mail.smtp),
      MAIL_HTTP_PORT: String(ports.mail.http),
      MAIL_HOST: host,
      MAIL_DIR: dataPaths(dataDir).mail,
    },
  };
}
