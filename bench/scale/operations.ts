import { openItemStore } from '../../services/items/src/item-store.ts';
import { type Api, logIn, logInOffline, type Member, refresh } from '../api.ts';
import type { LaunchedStack } from '../launched-stack.ts';
import type { Filled } from './fill.ts';
import { listOperations } from './list-operations.ts';
import type { Operation } from './operation.ts';
import { uncountedPages } from './uncounted-pages.ts';

type World = {
  stack: LaunchedStack;
  filled: Filled;
  owner: Member;
  superuserToken: string;
  round: string;
  onlyLists: boolean;
};

export function operationsOf({
  stack,
  filled,
  owner,
  superuserToken: token,
  round,
  onlyLists,
}: World): Operation[] {
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
  const itemIds = () => filled.itemIds;
  const userIds = () => filled.userIds;
  const item = (method: string, body?: (n: number) => object) =>
    onDocuments(`${method} item`, itemIds, (id, n) => send(api, method, `/items/${id}`, token, body?.(n)));
  const user = (method: string, body?: (n: number) => object) =>
    onDocuments(`${method} user`, userIds, (id, n) => send(api, method, `/users/${id}`, token, body?.(n)));
  const title = (n: number) => ({ title: `title ${round} ${n}` });
  const fullName = (n: number) => ({ full_name: `name ${round} ${n}` });
  const noDocument = each(
    'health check (reads no document)',
    () => api('GET', '/utils/health-check/'),
    'nowhere',
  );
  const lists = [
    ...listOperations({ api, db: database.db, filled, token }),
    ...uncountedPages(database.db, filled),
    {
      ...{ name: 'count of all items by the service', bounded: 'nowhere' as const },
      async prepare(count: number) {
        const store = await openItemStore(database.db);
        return Array.from({ length: count }, () => () => store.count());
      },
    },
  ];
  if (onlyLists) return [noDocument, ...lists];
  return [
    noDocument,
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
    ...lists,
    each('first page of all users', () => api('GET', '/users/', { token }), 'documentdb'),
  ];
}

const send = (api: Api, method: string, path: string, token: string, body?: object) =>
  api(method, path, { token, ...(body ? { body } : {}) });
