import type { Account } from '../api.ts';
import type { LoadRequest, Order } from '../load/order.ts';
import { CONNECTIONS, type Fixtures } from './fixtures.ts';
import type { RouteName } from './names.ts';

const json = { 'content-type': 'application/json' };
const formType = { 'content-type': 'application/x-www-form-urlencoded' };
const posted = JSON.stringify({ title: 'one more', description: 'x'.repeat(100) });
const titles = ['this title', 'that title'];
/** Two cores hash about 8 passwords a second. */
const LOGINS_A_SECOND = 8;

/** Returns a list for each connection, or one for all. */
export function apiRequests(route: RouteName, fixtures: Fixtures): LoadRequest[][] {
  const { reader, itemId, poster, writer, writtenIds, logins } = fixtures;
  const get = (path: string): LoadRequest[][] => [
    [{ method: 'GET', path: `/api/v1${path}`, headers: bearer(reader.token) }],
  ];
  switch (route) {
    case 'me':
      return get('/users/me');
    case 'item':
      return get(`/items/${itemId}`);
    case 'list-10':
      return get('/items/?limit=10');
    case 'list-100':
      return get('/items/?limit=100');
    case 'post': {
      const headers = { ...bearer(poster.token), ...json };
      return [[{ method: 'POST', path: '/api/v1/items/', headers, body: posted }]];
    }
    case 'put':
      return writtenIds.map((id) => puts(`/api/v1/items/${id}`, bearer(writer.token)));
    case 'login':
      return loginRequests(logins);
  }
}

export const loginRequests = (accounts: readonly Account[]): LoadRequest[][] =>
  accounts.map(({ email, password }) => {
    const body = new URLSearchParams({ username: email, password }).toString();
    return [{ method: 'POST', path: '/api/v1/login/access-token', headers: formType, body }];
  });

export function referenceRequests(route: RouteName, fixtures: Fixtures): LoadRequest[][] {
  const { reader, itemId, writtenIds, logins } = fixtures;
  const get = (path: string): LoadRequest[][] => [[{ method: 'GET', path, headers: {} }]];
  switch (route) {
    case 'me':
      return get(`/users/${reader.id}`);
    case 'item':
      return get(`/items/${itemId}`);
    case 'list-10':
      return get(`/lists/${reader.id}/10`);
    case 'list-100':
      return get(`/lists/${reader.id}/100`);
    case 'post':
      return [[{ method: 'POST', path: '/items', headers: json, body: posted }]];
    case 'put':
      return writtenIds.map((id) => puts(`/items/${id}`));
    case 'login':
      return logins.map(({ email, password }) => {
        const body = JSON.stringify({ email, password });
        return [{ method: 'POST', path: '/login', headers: json, body }];
      });
  }
}

/** Logins end by number: a hash that the end interrupts would cost CPU time without an answer. */
export function roundOf(route: RouteName, seconds: number, to: Pick<Order, 'url' | 'plans'>): Order {
  const answers = Math.max(CONNECTIONS, LOGINS_A_SECOND * seconds);
  return { ...to, connections: CONNECTIONS, until: route === 'login' ? { answers } : { seconds } };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const puts = (path: string, headers: Record<string, string> = {}): LoadRequest[] =>
  titles.map((title) => ({
    method: 'PUT',
    path,
    headers: { ...headers, ...json },
    body: JSON.stringify({ title }),
  }));
