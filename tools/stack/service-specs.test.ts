import { recordOf } from '@quartet/common/service/description.ts';
import { expect, it } from 'vitest';
import { serviceNames } from '../../services/services.ts';
import { MALLOC_SETTINGS, NODE_FLAGS } from './node-process.ts';
import { planPorts } from './ports.ts';
import { describeProcesses } from './service-specs.ts';

const specsOf = (host: string, env: NodeJS.ProcessEnv, preload?: string) =>
  describeProcesses({
    programs: { root: '/', services: '/services', mailCatcher: '/mail' },
    ports: planPorts(8000, 2),
    host,
    dataDir: '/data',
    env,
    secretKey: 'key',
    preload,
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

it('given stripped sources, then each process of ours preloads them, and keeps little memory for itself', () => {
  const specs = specsOf('127.0.0.1', {}, 'file:///stripped/load.js');
  expect(specs.length).toBe(serviceNames.length + 2);
  for (const { args, env } of specs) {
    expect(args.slice(0, -1)).toEqual([...NODE_FLAGS, '--import=file:///stripped/load.js']);
    expect(env).toMatchObject(MALLOC_SETTINGS);
  }
  expect(specsOf('127.0.0.1', {})[0]?.args).toEqual([...NODE_FLAGS, '/mail']);
  const own = specsOf('127.0.0.1', { MALLOC_ARENA_MAX: '8' });
  expect(own.map(({ env }) => env.MALLOC_ARENA_MAX)).toEqual(own.map(() => '8'));
});
