import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as client from '@quartet/client';
import { createClient, createConfig } from '@quartet/client/client';
import { expect, test } from 'vitest';

/** What code written for the FastAPI full-stack template's client imports and calls; ours may have more. */
const METHODS = {
  ItemsService: ['readItems', 'createItem', 'readItem', 'updateItem', 'deleteItem'],
  LoginService: [
    'loginAccessToken',
    'testToken',
    'recoverPassword',
    'resetPassword',
    'recoverPasswordHtmlContent',
  ],
  PrivateService: ['createUser'],
  UsersService: [
    'readUsers',
    'createUser',
    'readUserMe',
    'deleteUserMe',
    'updateUserMe',
    'updatePasswordMe',
    'registerUser',
    'readUserById',
    'updateUser',
    'deleteUser',
  ],
  UtilsService: ['testEmail', 'healthCheck'],
} as const;

const SCHEMAS = [
  'Body_login_login_access_token',
  'HTTPValidationError',
  'ItemCreate',
  'ItemPublic',
  'ItemUpdate',
  'ItemsPublic',
  'Message',
  'NewPassword',
  'PrivateUserCreate',
  'Token',
  'UpdatePassword',
  'UserCreate',
  'UserPublic',
  'UserRegister',
  'UserUpdate',
  'UserUpdateMe',
  'UsersPublic',
  'ValidationError',
];

const pascal = (method: string): string => method.charAt(0).toUpperCase() + method.slice(1);

/** `UsersReadUsersData`, `UsersReadUsersResponse`: of every method. */
const requestTypes = Object.entries(METHODS).flatMap(([service, methods]) =>
  methods.flatMap((method) => {
    const operation = service.replace('Service', '') + pascal(method);
    return [`${operation}Data`, `${operation}Response`];
  }),
);

async function exportedTypes(): Promise<string[]> {
  const source = await readFile(join(import.meta.dirname, 'src/types.gen.ts'), 'utf8');
  return Array.from(source.matchAll(/^export type (\w+)/gm), ([, name = '']) => name);
}

test.each(Object.entries(METHODS))('%s has the methods of the template', (service, methods) => {
  const exported: Record<string, unknown> = { ...client };
  expect(Object.getOwnPropertyNames(exported[service])).toEqual(expect.arrayContaining([...methods]));
});

test('the types have the names of the template', async () => {
  expect(await exportedTypes()).toEqual(expect.arrayContaining([...SCHEMAS, ...requestTypes]));
});

test('a client of one’s own leaves the common one as it is', () => {
  const own = createClient(createConfig({ baseUrl: 'http://localhost:8000' }));
  expect(own.getConfig().baseUrl).toBe('http://localhost:8000');
  expect(client.client.getConfig().baseUrl).toBe('');
});
