import { badRequest, forbidden, notFound } from '@quartet/common/errors.ts';
import { pageQuery } from '@quartet/common/http/fields.ts';
import { type Route, route } from '@quartet/common/http/route.ts';
import { userGone } from '@quartet/common/tokens/access.ts';
import type { Accounts } from '../accounts.ts';
import { message, toUserPublic, userCreate, userPublic, usersPublic, userUpdate } from '../schemas.ts';
import type { UserStore } from '../user-store.ts';
import { contextOf, orTaken, userIdParam } from './answers.ts';

export function userRoutes({ store, accounts }: { store: UserStore; accounts: Accounts }): Route[] {
  const update = (method: 'PATCH' | 'PUT', operationId: string): Route =>
    route({
      method,
      path: '/users/{user_id}',
      access: 'superuser',
      operationId,
      summary: 'Update a user; a new password ends their sessions',
      params: { user_id: userIdParam },
      body: userUpdate,
      answer: { schema: userPublic },
      async handler(request) {
        const { params, body } = request;
        const unknown = () => notFound('The user with this id does not exist in the system');
        const user = await orTaken(accounts.update(params.user_id, body, contextOf(request), unknown));
        return toUserPublic(user);
      },
    });

  return [
    route({
      method: 'GET',
      path: '/users',
      access: 'superuser',
      operationId: 'users-read_users',
      summary: 'List users, newest first',
      query: pageQuery,
      answer: { schema: usersPublic },
      async handler({ query }) {
        const { data, count } = await store.list(query);
        return { data: data.map(toUserPublic), count };
      },
    }),
    route({
      method: 'POST',
      path: '/users',
      access: 'superuser',
      operationId: 'users-create_user',
      summary: 'Create a user and invite them by e-mail',
      body: userCreate,
      answer: { schema: userPublic },
      async handler(request) {
        const taken = () => badRequest('The user with this email already exists in the system.');
        return toUserPublic(await orTaken(accounts.create(request.body, 'admin', contextOf(request)), taken));
      },
    }),
    route({
      method: 'GET',
      path: '/users/{user_id}',
      access: 'user',
      operationId: 'users-read_user_by_id',
      summary: 'Get a user: oneself, or anyone for a superuser',
      params: { user_id: userIdParam },
      answer: { schema: userPublic },
      async handler({ caller, params }) {
        if (params.user_id !== caller.userId && !caller.isSuperuser) {
          throw forbidden("The user doesn't have enough privileges");
        }
        const user = await store.findById(params.user_id);
        if (!user) throw userGone();
        return toUserPublic(user);
      },
    }),
    update('PATCH', 'users-update_user'),
    update('PUT', 'users-replace_user'),
    route({
      method: 'DELETE',
      path: '/users/{user_id}',
      access: 'superuser',
      operationId: 'users-delete_user',
      summary: 'Delete a user with all their items',
      params: { user_id: userIdParam },
      answer: { schema: message },
      async handler(request) {
        await accounts.remove(request.params.user_id, request.caller.userId, contextOf(request));
        return { message: 'User deleted successfully' };
      },
    }),
  ];
}
