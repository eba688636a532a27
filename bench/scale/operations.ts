import { type Api, logIn, logInOffline, type Member, refresh } from '../api.ts';
import type { LaunchedStack } from '../launched-stack.ts';
import { type Filled, ITEMS_OF_AN_OWNER } from './fill.ts';
import { listOperations } from './list-operations.ts';
import type { Operation } from './operation.ts';

type World = {
  stack: LaunchedStack;
  filled: Filled;
  owner: Member;
  superuserToken: string;
  round: string;
};

export function operationsOf({ stack, filled, owner, superuserToken: token, round }: World): Operation[] {
  const { api, database } = stack;
  /** Returns unused documents from the whole collection. */
  const some = (ids: readonly string[], count: number): string[] => {
    const free = ids.filter((id) => !filled.used.has(id));
    const step = Math.max(1, Math.floor(free.length / count));
    const chosen = free.filter((_, n) => n % step === 0).slice(0, count);
    for (const id of chosen) filled.used.add(id);
    return chosen;
  };
  const each = (
    name: string,
    once: (n: number) => Promise<unknown>,
    bounded: Operation['bounded'] = 'everywhere',
  ) => ({
    ...{ name, bounded },
    prepare: async (count: number) => Array.from({ length: count }, (_, n) => () => once(n)),
  });
  const onDocuments = (
    name: string,
    ids: () => readonly string[],
    once: (id: string, n: number) => Promise<unknown>,
  ): Operation => ({
    ...{ name, bounded: 'everywhere' },
    prepare: async (count) => some(ids(), count).map((id, n) => () => once(id, n)),
  });
  // The first 100 items stay those of the owner whose page is requested.
  const itemIds = () => filled.itemIds.slice(ITEMS_OF_AN_OWNER);
  const userIds = () => filled.userIds;
  const item = (method: string, body?: (n: number) => object) =>
    onDocuments(`${method} item`, itemIds, (id, n) => send(api, method, `/items/${id}`, token, body?.(n)));
  const user = (method: string, body?: (n: number) => object) =>
    onDocuments(`${method} user`, userIds, (id, n) => send(api, method, `/users/${id}`, token, body?.(n)));
  const title = (n: number) => ({ title: `title ${round} ${n}` });
  const fullName = (n: number) => ({ full_name: `name ${round} ${n}` });
  return [
    each('health check (reads no document)', () => api('GET', '/utils/health-check/'), 'nowhere'),
    item('GET'),
    item('PUT', title),
    item('PATCH', (n) => ({ description: `description ${round} ${n}` })),
    item('DELETE'),
    each('POST item', (n) => api('POST', '/items/', { token, body: title(n) })),
    user('GET'),
    user('PUT', fullName),
    user('PATCH', (n) => ({ full_name: `another name ${round} ${n}` })),
    user('DELETE'),
    each('GET me', () => api('GET', '/users/me', { token: owner.token })),
    each('login', () => logIn(api, owner)),
    {
      ...{ name: 'logout', bounded: 'everywhere' },
      async prepare(count) {
        const tokens: string[] = [];
        while (tokens.length < count) tokens.push(await logIn(api, owner));
        return tokens.map((one) => () => api('POST', '/logout', { token: one }));
      },
    },
    onDocuments("list of a user's sessions", userIds, (id) =>
      send(api, 'GET', `/users/${id}/sessions`, token),
    ),
    {
      ...{ name: 'refresh', bounded: 'everywhere' },
      async prepare(count) {
        const tokens: string[] = [];
        while (tokens.length < count) tokens.push(await logInOffline(api, owner));
        return tokens.map((refreshToken) => () => refresh(api, refreshToken));
      },
    },
    each('sign-up', (n) => {
      const body = { email: `signed-up-${round}-${n}@bench.example`, password: owner.password };
      return api('POST', '/users/signup', { body });
    }),
    each('page of an owner with 100 items', () => api('GET', '/items/', { token: owner.token })),
    ...listOperations({ api, filled, token }),
    each("first page of everybody's items", () => api('GET', '/items/', { token }), 'documentdb'),
    each('first page of all users', () => api('GET', '/users/', { token }), 'documentdb'),
    each(
      'count of all items by the driver alone',
      () => database.db.collection('items').countDocuments({ created_at: { $gt: new Date(0) } }),
      'nowhere',
    ),
  ];
}

const send = (api: Api, method: string, path: string, token: string, body?: object) =>
  api(method, path, { token, ...(body ? { body } : {}) });
