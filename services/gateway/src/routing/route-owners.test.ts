import type { Registration } from '@quartet/common/events/kv/service-registry.ts';
import { expect, test } from 'vitest';
import { keepOwn, routeOwners } from './route-owners.ts';

function registrationOf(...paths: string[]): Registration {
  return {
    routes: paths.map((path) => ({ method: 'GET', path, access: 'user' })),
    api: { tags: [], paths: Object.fromEntries(paths.map((path) => [`/api/v1${path}`, {}])), schemas: {} },
    consumes: [],
  };
}

test('given a service’s own paths, then all are kept and none is reported as strange', () => {
  const registration = registrationOf('/items', '/items/{id}');
  expect(keepOwn(routeOwners, 'items', registration)).toEqual({ own: registration, strange: [] });
});

test('given a path of another service, then it is left out of routes and document, and named', () => {
  const { own, strange } = keepOwn(routeOwners, 'items', registrationOf('/items', '/login/access-token'));
  expect(own).toEqual(registrationOf('/items'));
  expect(strange).toEqual(['/login/access-token', '/api/v1/login/access-token']);
});

test.each(['/itemsandmore', '/utils/health-check/', '/', '/unknown'])(
  'given %s, which no service owns, then it is reported as strange for every service',
  (path) => {
    for (const service of Object.keys(routeOwners)) {
      expect(keepOwn(routeOwners, service, registrationOf(path)).own.routes).toEqual([]);
    }
  },
);

test('given a path below one of two owners, then the longest prefix decides', () => {
  const owners = { one: ['/a'], other: ['/a/b'] };
  expect(keepOwn(owners, 'other', registrationOf('/a/b/c')).strange).toEqual([]);
  expect(keepOwn(owners, 'one', registrationOf('/a/b/c')).own.routes).toEqual([]);
  expect(keepOwn(owners, 'one', registrationOf('/a/bc')).strange).toEqual([]);
});

test('given a path of the document outside the API, then it is reported as strange', () => {
  const registration = registrationOf('/items');
  registration.api.paths['/items'] = {};
  expect(keepOwn(routeOwners, 'items', registration).strange).toEqual(['/items']);
});
