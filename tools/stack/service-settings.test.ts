import { expect, test } from 'vitest';
import { serviceNames } from '../../services/services.ts';
import { settingsFor, withoutOthersSecrets } from './service-settings.ts';

const env = {
  PROJECT_NAME: 'Quartet',
  NATS_URL: 'nats://broker',
  NATS_USER: 'everybody',
  NATS_PASSWORD: 'secret',
  NATS_URL_AUTH: 'nats://auth:a@broker',
  MONGODB_URL_ITEMS: 'mongodb://items:i@db/',
};

test('given an address of its own, then only that service gets it, with the user in it', () => {
  expect(settingsFor('auth', env)).toEqual({
    PROJECT_NAME: 'Quartet',
    NATS_URL: 'nats://auth:a@broker',
    NATS_USER: '',
    NATS_PASSWORD: '',
  });
  expect(settingsFor('items', env)).toEqual({
    PROJECT_NAME: 'Quartet',
    NATS_URL: 'nats://broker',
    NATS_USER: 'everybody',
    NATS_PASSWORD: 'secret',
    MONGODB_URL: 'mongodb://items:i@db/',
  });
});

test('given no address of its own, then a service gets the common one', () => {
  const { NATS_URL_AUTH: _, MONGODB_URL_ITEMS: __, ...shared } = env;
  expect(settingsFor('notifier', env)).toEqual(shared);
});

test('given secrets, then only a service that reads one gets it', () => {
  const secrets = {
    SECRET_KEY: 'k',
    SECRET_KEY_PREVIOUS: 'p',
    FIRST_SUPERUSER_PASSWORD: 'f',
    SMTP_PASSWORD: 's',
    DOCUMENTDB_PASSWORD: 'd',
    MONGODB_URL: 'mongodb://u:p@db/',
  };
  const given = serviceNames.map((service) => [
    service,
    Object.values(withoutOthersSecrets(service, { PORT: '1', ...secrets })).join(' '),
  ]);
  const others = serviceNames.filter((name) => !['gateway', 'auth', 'notifier'].includes(name));
  expect(Object.fromEntries(given)).toEqual({
    gateway: '1',
    auth: '1 k p f d mongodb://u:p@db/',
    notifier: '1 s d mongodb://u:p@db/',
    ...Object.fromEntries(others.map((name) => [name, '1 d mongodb://u:p@db/'])),
  });
});
