import { recordOf } from '@quartet/common/service/description.ts';
import { expect, it } from 'vitest';
import { serviceNames } from '../../services/services.ts';
import { planPorts } from './ports.ts';
import { describeProcesses } from './service-specs.ts';

const specsOf = (host: string, env: NodeJS.ProcessEnv) =>
  describeProcesses({
    programs: { root: '/', services: '/services', mailCatcher: '/mail' },
    ports: planPorts(8000, 2),
    host,
    dataDir: '/data',
    env,
    secretKey: 'key',
  });

const trustOf = (host: string, env: NodeJS.ProcessEnv) => {
  const specs = specsOf(host, env);
  return Object.fromEntries(specs.map(({ name, env: given }) => [name, given.TRUSTED_PROXIES]));
};

it('given proxies in the settings, then services trust them and the gateway, and the gateway trusts only them', () => {
  expect(trustOf('127.0.0.1', {})).toMatchObject({
    gateway: undefined,
    auth: '127.0.0.1',
    items: '127.0.0.1',
    notifier: '127.0.0.1',
  });
  expect(trustOf('127.0.0.1', { TRUSTED_PROXIES: '10.0.0.1, 10.1.0.0/16' })).toMatchObject({
    gateway: '10.0.0.1, 10.1.0.0/16',
    auth: '10.0.0.1,10.1.0.0/16,127.0.0.1',
  });
  expect(trustOf('::1', { TRUSTED_PROXIES: '["10.0.0.1"]' }).auth).toBe('10.0.0.1,::1');
  expect(trustOf('0.0.0.0', {}).auth).toBe('127.0.0.1');
});

it('given a setting that is no list, then the services get it unchanged, to report it', () => {
  expect(trustOf('127.0.0.1', { TRUSTED_PROXIES: '["10.0.0.1"' }).auth).toBe('["10.0.0.1"');
});

it('given a deployment’s time to drain, then services of the stack do not drain: they all end together', () => {
  const env = { DRAIN_SECONDS: '8', ENVIRONMENT: 'production', SMTP_HOST: 'smtp' };
  const drains = specsOf('127.0.0.1', env).map(({ name, env: given }) => [name, given.DRAIN_SECONDS]);
  const processes = [...serviceNames, 'items-2'];
  expect(Object.fromEntries(drains)).toEqual(recordOf(processes, () => '0'));
});
