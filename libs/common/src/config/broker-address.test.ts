import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import * as config from './config.ts';

describe('the address of the broker', () => {
  const broker = (env: NodeJS.ProcessEnv) =>
    config.processConfig(config.readConfig(z.object(config.processFields(8001)), env)).broker;

  test.each([
    [{}, { servers: ['nats://127.0.0.1:4222'], user: undefined, password: undefined }],
    [{ NATS_URL: 'a:4222, nats://b' }, { servers: ['a:4222', 'nats://b'], user: undefined }],
    [
      { NATS_URL: 'nats://auth:p%40ss@a:4222' },
      { servers: ['nats://a:4222'], user: 'auth', password: 'p@ss' },
    ],
    [
      { NATS_URL: 'tls://auth:a:b@[::1]:4222' },
      { servers: ['tls://[::1]:4222'], user: 'auth', password: 'a:b' },
    ],
    [{ NATS_URL: 'u:p@a,u:p@b,c' }, { servers: ['a', 'b', 'c'], user: 'u', password: 'p' }],
    [{ NATS_URL: 'nats://u:p/x@y@a' }, { servers: ['nats://a'], user: 'u', password: 'p/x@y' }],
    [
      { NATS_URL: 'nats://u:p@a', NATS_USER: 'v', NATS_PASSWORD: 'q' },
      { user: 'v', password: 'q' },
    ],
    [
      { NATS_URL: 'nats://u:p@a', NATS_USER: '', NATS_PASSWORD: '' },
      { user: 'u', password: 'p' },
    ],
    [
      { NATS_USER: 'v', NATS_PASSWORD: 'q' },
      { user: 'v', password: 'q' },
    ],
  ])('given %j, then user and password are separated from the servers', (env, expected) => {
    expect(broker(env)).toMatchObject(expected);
  });

  test.each([
    ['u:sesame@a,v:sesame@b', 'must name the same user and password in all addresses'],
    ['nats://u:%sesame@a', 'must have user and password in URL encoding'],
    ['[]', 'must name at least one address'],
  ])('given %s, then it is refused without being shown', (NATS_URL, message) => {
    expect(() => broker({ NATS_URL })).toThrow(`NATS_URL: ${message}`);
    expect(() => broker({ NATS_URL })).not.toThrow('sesame');
  });
});
