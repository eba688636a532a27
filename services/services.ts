import { recordOf, type ServiceDescription } from '@quartet/common/service/description.ts';

/** tests/deploy/services.test.ts says which file of a deployment does not name one of these. */
export const services = {
  gateway: { port: 8000, paths: [], collections: [], secrets: [], consumes: [] },
  auth: {
    port: 8001,
    paths: ['/login', '/logout', '/password-recovery', '/private', '/reset-password', '/sessions', '/users'],
    collections: [
      'users',
      'signing_keys',
      'auth_state',
      'unique_key_probes',
      'recovery_requests',
      'verification_requests',
      'sessions',
    ],
    secrets: ['SECRET_KEY', 'SECRET_KEY_PREVIOUS', 'FIRST_SUPERUSER_PASSWORD'],
    consumes: [],
  },
  items: {
    port: 8002,
    paths: ['/items'],
    collections: ['items', 'items_state'],
    secrets: [],
    consumes: ['user.deleted'],
  },
  notifier: {
    port: 8003,
    paths: ['/dead-letters', '/emails', '/password-recovery-html-content', '/utils/test-email'],
    collections: ['emails'],
    secrets: ['SMTP_PASSWORD'],
    consumes: [
      'user.created',
      'user.updated',
      'user.deleted',
      'password.reset-requested',
      'password.changed',
      'password.guessing-detected',
      'user.session-stolen',
      'user.verification-requested',
    ],
  },
} as const satisfies Record<string, ServiceDescription>;

type Services = typeof services;

export type ServiceName = keyof Services;

export type UpstreamName = Exclude<ServiceName, 'gateway'>;

export type DataServiceName = {
  [N in ServiceName]: Services[N]['collections'] extends readonly [] ? never : N;
}[ServiceName];

const isServiceName = (name: string): name is ServiceName => Object.hasOwn(services, name);

export const serviceNames: readonly ServiceName[] = Object.keys(services).filter(isServiceName);

export const upstreamNames = serviceNames.filter((name): name is UpstreamName => name !== 'gateway');

export const dataServiceNames = serviceNames.filter(
  (name): name is DataServiceName => services[name].collections.length > 0,
);

export const descriptions: Readonly<Record<ServiceName, ServiceDescription>> = recordOf(
  serviceNames,
  (name) => services[name],
);
