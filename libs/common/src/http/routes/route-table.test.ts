import { describe, expect, test } from 'vitest';
import { cpuMs } from '../../../../../tests/support/cpu-time.ts';
import { createRouteTable, pathnameOf } from './route-table.ts';

const table = createRouteTable(
  [
    'GET /users',
    'POST /users',
    'GET /users/me',
    'PATCH /users/me',
    'PATCH /users/me/password',
    'POST /users/signup',
    'GET /users/{user_id}',
    'DELETE /users/{user_id}',
    'GET /users/{user_id}/items/{item_id}',
    'POST /mails/{email}',
    'GET /',
  ].map((line) => {
    const [method = '', path = ''] = line.split(' ');
    return { method, path, name: line };
  }),
);

function find(method: string, path: string): unknown {
  const match = table.match(method, path);
  if (match.kind === 'route') return { name: match.route.name, ...match.params };
  return match.kind === 'unknown' ? 'unknown' : match.allowed;
}

describe('the route of a path', () => {
  test.each([
    ['GET', '/users', { name: 'GET /users' }],
    ['GET', '/users/', { name: 'GET /users' }],
    ['GET', '/users/me', { name: 'GET /users/me' }],
    ['GET', '/users/me/', { name: 'GET /users/me' }],
    ['GET', '/users/1', { name: 'GET /users/{user_id}', user_id: '1' }],
    [
      'GET',
      '/users/1/items/2/',
      { name: 'GET /users/{user_id}/items/{item_id}', user_id: '1', item_id: '2' },
    ],
    ['GET', '/', { name: 'GET /' }],
    ['GET', '', { name: 'GET /' }],
    ['PATCH', '/users/me/password', { name: 'PATCH /users/me/password' }],
  ])('given %s %s, then the match is %j', (method, path, expected) => {
    expect(find(method, path)).toEqual(expected);
  });

  test('given a fixed segment that leads nowhere, then the parameter beside it is tried', () => {
    expect(find('GET', '/users/me/items/2')).toEqual({
      name: 'GET /users/{user_id}/items/{item_id}',
      user_id: 'me',
      item_id: '2',
    });
  });

  test.each([
    '/nowhere',
    '/users/1/2',
    '/users//',
    '/users//items/2',
    '//',
    '/users/me/password/x',
    '/mails',
    '/Users',
  ])('given %s, then no route matches', (path) => expect(find('GET', path)).toBe('unknown'));
});

describe('escapes', () => {
  test.each([
    ['/mails/a%40b.c', 'a@b.c'],
    ['/mails/a%2Fb', 'a/b'],
    ['/mails/%E0%A4%A', '%E0%A4%A'],
    ['/mails/%zz', '%zz'],
    ['/mails/..', '..'],
    ['/mails/%00', '\0'],
    ['/mails/__proto__', '__proto__'],
  ])('given %s, then the parameter is %j', (path, email) => {
    expect(find('POST', path)).toEqual({ name: 'POST /mails/{email}', email });
  });

  test('given an escaped fixed segment, then it is that segment', () => {
    expect(find('GET', '/users/%6de')).toEqual({ name: 'GET /users/me' });
  });
});

describe('methods', () => {
  test('given HEAD, then the route of GET matches', () => {
    expect(find('HEAD', '/users/me')).toEqual({ name: 'GET /users/me' });
  });

  test.each([
    ['PUT', '/users', ['GET', 'HEAD', 'POST']],
    ['GET', '/users/signup', ['POST']],
    ['HEAD', '/users/signup', ['POST']],
    ['POST', '/users/1', ['GET', 'HEAD', 'DELETE']],
    ['get', '/users', ['GET', 'HEAD', 'POST']],
  ])('given %s %s, then %j are allowed', (method, path, allowed) => {
    expect(find(method, path)).toEqual(allowed);
  });
});

test.each([
  ['/a/b?c=/d', '/a/b'],
  ['/a', '/a'],
  ['?x', ''],
])('given the target %s, then its path is %j', (url, path) => {
  expect(pathnameOf(url)).toBe(path);
});

test('given a path of 100 kB, then the answer comes within the time limit', () => {
  const took = cpuMs(() => {
    expect(find('GET', '/users/1'.repeat(12_500))).toBe('unknown');
    expect(find('GET', '/'.repeat(100_000))).toBe('unknown');
  });
  expect(took).toBeLessThan(300);
});
