import { ConfigError } from '@quartet/common/config/config.ts';
import { expect, test } from 'vitest';
import { runAuth, runItems } from '../../../tests/support/services.ts';
import { startTestbed } from '../../../tests/support/testbed.ts';
import { loadConfig } from './config.ts';

test('given no settings, then all have their defaults', () => {
  expect(loadConfig({})).toEqual({
    logLevel: 'info',
    host: '0.0.0.0',
    port: 8002,
    privatePort: 9002,
    privateHosts: [],
    trustsProxy: expect.any(Function),
    drainMs: 0,
    receiveWithinMs: 30_000,
    telemetry: {},
    broker: { servers: ['nats://127.0.0.1:4222'], namespace: undefined },
    retry: { attempts: 12, firstDelayMs: 1_000, longestDelayMs: 3_600_000 },
    database: { url: 'mongodb://localhost:27017/?retryWrites=false&journal=true', name: 'app' },
    authUrls: ['http://localhost:8001'],
    defaultSecrets: [],
  });
  expect(loadConfig({ AUTH_URL: '', PORT: '', DOCUMENTDB_PASSWORD: '' })).toEqual(loadConfig({}));
});

test('given several mistakes, then one message names all of them and no value', () => {
  const wrong = { AUTH_URL: 'secret', PORT: 'secret', NATS_NAMESPACE: 'a secret' };
  const passwords = { DOCUMENTDB_PASSWORD: 'changethis', NATS_PASSWORD: 'changethis' };
  const all = { ...wrong, ...passwords, ENVIRONMENT: 'production' };
  const load = () => loadConfig(all);
  expect(load).toThrow(ConfigError);
  for (const name of Object.keys({ ...wrong, ...passwords })) expect(load).toThrow(`  ${name}: `);
  expect(load).not.toThrow('secret');
});

test('given the default secret in local, then the start warns and names it', async () => {
  expect(loadConfig({ DOCUMENTDB_PASSWORD: 'changethis' }).defaultSecrets).toEqual(['DOCUMENTDB_PASSWORD']);
  const bed = await startTestbed();
  try {
    await runItems(bed, await runAuth(bed), { DOCUMENTDB_PASSWORD: 'changethis' });
    const warned = bed.logLines().filter(({ msg }) => msg === 'secrets still read "changethis"');
    expect(warned.at(-1)).toMatchObject({ level: 40, variables: ['DOCUMENTDB_PASSWORD'] });
  } finally {
    await bed.stop();
  }
});
