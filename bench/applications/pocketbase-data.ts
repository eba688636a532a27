import * as z from 'zod';
import type { Account, Api } from '../api.ts';
import type { LoadRequest } from '../load/order.ts';
import { CONNECTIONS, READ_ITEMS } from '../routes/fixtures.ts';
import type { RouteName } from '../routes/names.ts';
import { type Application, superuser } from './application.ts';

const USERS = '/collections/users/records';
const ITEMS = '/collections/items/records';
const OWN = 'owner = @request.auth.id';
const json = { 'content-type': 'application/json' };

/** Its users are there from the start; a user reads and writes only items of their own. */
const items = {
  ...{ name: 'items', type: 'base' },
  ...{ listRule: OWN, viewRule: OWN, createRule: OWN, updateRule: OWN, deleteRule: OWN },
  fields: [
    { name: 'title', type: 'text', required: true, max: 255 },
    { name: 'description', type: 'text', max: 255 },
    {
      ...{ name: 'owner', type: 'relation', collectionId: '_pb_users_auth_' },
      ...{ maxSelect: 1, required: true, cascadeDelete: true },
    },
    { name: 'created', type: 'autodate', onCreate: true },
    { name: 'updated', type: 'autodate', onCreate: true, onUpdate: true },
  ],
  indexes: ['CREATE INDEX items_owner ON items (owner, created)'],
};

const authenticated = z.object({ token: z.string(), record: z.object({ id: z.string() }) });
const created = z.object({ id: z.string() });

type Member = Account & { id: string; token: string };

/** Makes the users and items that the stack has, and the requests to them in PocketBase's own routes. */
export async function fillPocketbase(
  api: Api,
  routes: readonly RouteName[],
): Promise<Pick<Application, 'requests' | 'removePosted'>> {
  const logIn = async (collection: string, { email, password }: Account) => {
    const body = { identity: email, password };
    return authenticated.parse(await api('POST', `/collections/${collection}/auth-with-password`, { body }));
  };
  const { token } = await logIn('_superusers', superuser);
  await api('POST', '/collections', { token, body: items });
  const newMember = async (name: string): Promise<Member> => {
    const account = { email: `${name}@bench.example`, password: 'a password for a benchmark' };
    await api('POST', USERS, { token, body: { ...account, passwordConfirm: account.password } });
    const answer = await logIn('users', account);
    return { ...account, token: answer.token, id: answer.record.id };
  };
  const bodyOf = (owner: Member, title: string) => ({ title, description: 'x'.repeat(100), owner: owner.id });
  const newItem = async (owner: Member, n: number) => {
    const sent = { token: owner.token, body: bodyOf(owner, `item ${n}`) };
    return created.parse(await api('POST', ITEMS, sent)).id;
  };
  const newItems = (owner: Member, count: number) =>
    Promise.all(Array.from({ length: count }, (_, n) => newItem(owner, n)));

  const [reader, writer] = [await newMember('reader'), await newMember('writer')];
  let poster = await newMember('poster-0');
  let posters = 1;
  const [itemId] = await newItems(reader, READ_ITEMS);
  const writtenIds = await newItems(writer, CONNECTIONS);
  const logins = routes.includes('login')
    ? await Promise.all(Array.from({ length: CONNECTIONS }, (_, n) => newMember(`login-${n}`)))
    : [];

  const get = (path: string): LoadRequest[][] => [
    [{ method: 'GET', path: `/api${path}`, headers: bearer(reader.token) }],
  ];
  const puts = (id: string): LoadRequest[] =>
    ['this title', 'that title'].map((title) => ({
      ...{ method: 'PATCH', path: `/api${ITEMS}/${id}` },
      ...{ headers: { ...bearer(writer.token), ...json }, body: JSON.stringify({ title }) },
    }));
  const requests: Record<RouteName, () => LoadRequest[][]> = {
    me: () => get(`${USERS}/${reader.id}`),
    item: () => get(`${ITEMS}/${itemId}`),
    'list-10': () => get(`${ITEMS}?perPage=10&sort=-created`),
    'list-100': () => get(`${ITEMS}?perPage=100&sort=-created`),
    post: () => {
      const headers = { ...bearer(poster.token), ...json };
      const body = JSON.stringify(bodyOf(poster, 'one more'));
      return [[{ method: 'POST', path: `/api${ITEMS}`, headers, body }]];
    },
    put: () => writtenIds.map(puts),
    login: () =>
      logins.map(({ email, password }) => [
        {
          ...{ method: 'POST', path: '/api/collections/users/auth-with-password', headers: json },
          body: JSON.stringify({ identity: email, password }),
        },
      ]),
  };
  return {
    requests: (route) => requests[route](),
    async removePosted() {
      // The items of a user go with the user.
      await api('DELETE', `${USERS}/${poster.id}`, { token });
      poster = await newMember(`poster-${posters}`);
      posters += 1;
    },
  };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
