import type { RouteSummary } from '@quartet/common/http/routes/route.ts';
import { expect, test } from 'vitest';
import { createRouteDirectory } from './route-directory.ts';

const get = (path: string): RouteSummary => ({ method: 'GET', path, access: 'user' });

test('given services of which one has registered, then the other is listed as unheard', () => {
  const directory = createRouteDirectory(['auth', 'items']);
  directory.update('auth', [get('/users/me')]);
  expect(directory.unheard()).toEqual(['items']);
});

test('given a registered route, then it matches, with its service', () => {
  const directory = createRouteDirectory(['items']);
  directory.update('items', [get('/items/{id}')]);
  expect(directory.match('GET', '/items/1')).toMatchObject({ route: { service: 'items', access: 'user' } });
  expect(directory.match('POST', '/items/1')).toEqual({ kind: 'wrong-method', allowed: ['GET', 'HEAD'] });
  expect(directory.match('GET', '/users')).toMatchObject({ kind: 'unknown' });
});

test('given a service that registers again, then its former routes are removed, and those of the other stay', () => {
  const directory = createRouteDirectory(['auth', 'items']);
  directory.update('auth', [get('/users')]);
  directory.update('items', [get('/old')]);
  directory.update('items', [get('/new')]);
  expect(directory.match('GET', '/old')).toMatchObject({ kind: 'unknown' });
  expect(directory.match('GET', '/new')).toMatchObject({ route: { service: 'items' } });
  expect(directory.match('GET', '/users')).toMatchObject({ route: { service: 'auth' } });
});

test('given a service that is not expected, then its routes are ignored', () => {
  const directory = createRouteDirectory(['items']);
  directory.update('stranger', [get('/items')]);
  expect(directory.match('GET', '/items')).toMatchObject({ kind: 'unknown' });
  expect(directory.unheard()).toEqual(['items']);
});
