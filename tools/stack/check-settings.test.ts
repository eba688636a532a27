import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { checkSettings } from './check-settings.ts';
import { StackError } from './errors.ts';

const services = resolve(import.meta.dirname, '../../services');

it('accepts settings that every service accepts', async () => {
  await expect(checkSettings(services, { PORT: 'set by the launcher' })).resolves.toBeUndefined();
});

it('names every mistake of every service once, before anything is started', async () => {
  const wrong = { ENVIRONMENT: 'production', SECRET_KEY: 'changethis', SMTP_PORT: 'x', LOG_LEVEL: 'loud' };
  const checked = checkSettings(services, wrong);
  await expect(checked).rejects.toThrow(StackError);
  const message = await checked.catch((err: Error) => err.message);
  for (const name of ['SECRET_KEY', 'FIRST_SUPERUSER_PASSWORD', 'SMTP_PORT', 'LOG_LEVEL']) {
    expect(message?.split('\n').filter((line) => line.startsWith(`  ${name}: `))).toHaveLength(1);
  }
});

it('names an address of a single service by its own setting', async () => {
  const wrong = { NATS_URL_ITEMS: 'http://broker', MONGODB_URL_AUTH: 'mongodb://' };
  const message = await checkSettings(services, wrong).catch((err: Error) => err.message);
  expect(message?.split('\n').slice(1)).toEqual([
    expect.stringMatching(/^ {2}MONGODB_URL_AUTH: must /),
    expect.stringMatching(/^ {2}NATS_URL_ITEMS: must /),
  ]);
});

it('skips services that have no settings', async () => {
  await expect(checkSettings(join(services, 'none'), { LOG_LEVEL: 'loud' })).resolves.toBeUndefined();
});
