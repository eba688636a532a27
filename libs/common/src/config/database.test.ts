import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { readConfig } from './config.ts';
import { databaseAddress, databaseFields } from './database.ts';

describe('where the database is', () => {
  const address = (env: Record<string, string>) => databaseAddress(readConfig(z.object(databaseFields), env));

  test.each([
    [{}, 'mongodb://localhost:27017/?retryWrites=false&journal=true', 'app'],
    [
      { DOCUMENTDB_HOST: 'db', DOCUMENTDB_PORT: '10260', DOCUMENTDB_DB: 'shop' },
      'mongodb://db:10260/?retryWrites=false&journal=true',
      'shop',
    ],
    [
      { DOCUMENTDB_USER: 'a@b', DOCUMENTDB_PASSWORD: 'p/w:?' },
      'mongodb://a%40b:p%2Fw%3A%3F@localhost:27017/?retryWrites=false&journal=true&authSource=admin',
      'app',
    ],
    [{ DOCUMENTDB_HOST: '[::1]' }, 'mongodb://[::1]:27017/?retryWrites=false&journal=true', 'app'],
    [{ DOCUMENTDB_HOST: '::1' }, 'mongodb://[::1]:27017/?retryWrites=false&journal=true', 'app'],
    [
      { MONGODB_URL: 'mongodb://u:p@h:1/na%20me?tls=true', DOCUMENTDB_HOST: 'no' },
      'mongodb://u:p@h:1/na%20me?tls=true',
      'na me',
    ],
    [{ MONGODB_URL: 'mongodb+srv://h/', DOCUMENTDB_DB: 'x' }, 'mongodb+srv://h/', 'x'],
    [{ MONGODB_URL: 'mongodb://h:1,h:2/?replicaSet=rs0' }, 'mongodb://h:1,h:2/?replicaSet=rs0', 'app'],
  ])('given %j, then the address is %s and the database %s', (env, url, name) => {
    expect(address(env as Record<string, string>)).toEqual({ url, name });
  });

  test('given an invalid address, then it is refused and its password is not shown', () => {
    const refused = () => address({ MONGODB_URL: 'postgres://u:hunter22@h/' });
    expect(refused).toThrow('MONGODB_URL: must begin with');
    expect(refused).not.toThrow('hunter22');
  });
});
