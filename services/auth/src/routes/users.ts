import { message } from '@quartet/common/http/routes/answers.ts';
import { type Route, route } from '@quartet/common/http/routes/route.ts';
import { invalidCursor } from '@quartet/common/lists/cursors.ts';
import { notPrivileged, userGone } from '@quartet/common/tokens/access.ts';
import { deletesItself, emailTaken, emailTakenAtCreation, unknownUser } from '../refusals.ts';
import { toUserPublic, userCreate, userQuery, usersPublic, userUpdate } from '../schemas.ts';
import type { Accounts } from '../users/accounts.ts';
import type { UserStore } from '../users/user-store.ts';
import { answerOf, contextOf, orTaken, turnOf, userAnswer, userIdParam } from './request-helpers.ts';

const deleted = { message: 'User deleted successfully' };

export function userRoutes({ store, accounts }: { store: UserStore; accounts: Accounts }): Route[] {
  const update = (method: 'PATCH' | 'PUT', operationId: string): Route =>
    route({
      method,
      path: '/users/{user_id}',
      access: 'superuser',
      operationId,
      summary: 'Update a user',
      description:
        'Sets the fields that are sent. A field left out stays; so does a null, except a `full_name` of null, which is cleared. A new role or activation counts at once, without a new login; a new password ends the sessions.',
      params: { user_id: userIdParam },
      body: userUpdate,
      answer: userAnswer,
      conditional: true,
      refusals: [unknownUser, emailTaken],
      async handler(request) {
        const { params, body, caller } = request;
        const { checkRevision } = request;
        const checks = { checkRevision, missing: unknownUser, turn: turnOf(request, caller.userId) };
        return answerOf(await orTaken(accounts.update(params.user_id, body, contextOf(request), checks)));
      },
    });

  return [
    route({
      method: 'GET',
      path: '/users/',
      access: 'superuser',
      operationId: 'users-read_users',
      summary: 'List users',
      description:
        'Newest first unless `sort` says otherwise. `next_cursor` continues the list: through all pages, nothing comes twice, and nothing is left out that was there all the time, whatever is written meanwhile.',
      query: userQuery,
      answer: { schema: usersPublic },
      refusals: [invalidCursor],
      async handler({ caller, query }) {
        const { is_active, is_superuser, is_verified } = query;
        const { data, ...rest } = await store.list(query, [
          caller.userId,
          is_active,
          is_superuser,
          is_verified,
        ]);
        return { data: data.map(toUserPublic), ...rest };
      },
    }),
    route({
      method: 'POST',
      path: '/users/',
      access: 'superuser',
      operationId: 'users-create_user',
      summary: 'Create a user',
      description:
        'An e-mail invites them to set a password of their own by a link; the password given here is never sent.',
      body: userCreate,
      answer: userAnswer,
      refusals: [emailTakenAtCreation],
      async handler(request) {
        const turn = turnOf(request, request.caller.userId);
        const creating = accounts.create(request.body, 'admin', contextOf(request), turn);
        return answerOf(await orTaken(creating, emailTakenAtCreation));
      },
    }),
    route({
      method: 'GET',
      path: '/users/{user_id}',
      access: 'user',
      operationId: 'users-read_user_by_id',
      summary: 'Get a user',
      description: 'Oneself, or anybody for a superuser.',
      params: { user_id: userIdParam },
      answer: userAnswer,
      conditional: true,
      refusals: [notPrivileged],
      async handler({ caller, params }) {
        if (params.user_id !== caller.userId && !caller.isSuperuser) {
          throw notPrivileged();
        }
        const user = await store.findById(params.user_id);
        if (!user) throw userGone();
        return answerOf(user);
      },
    }),
    update('PATCH', 'users-update_user'),
    update('PUT', 'users-replace_user'),
    route({
      method: 'DELETE',
      path: '/users/{user_id}',
      access: 'superuser',
      operationId: 'users-delete_user',
      summary: 'Delete a user',
      description: 'For good, with all their items. Their sessions end at once.',
      params: { user_id: userIdParam },
      answer: { schema: message, example: deleted },
      conditional: true,
      refusals: [deletesItself],
      async handler(request) {
        await accounts.remove(request.params.user_id, request.caller, contextOf(request), request);
        return deleted;
      },
    }),
  ];
}
