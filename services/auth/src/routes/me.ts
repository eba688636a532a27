import { type Route, route } from '@quartet/common/http/route.ts';
import { userGone } from '@quartet/common/tokens/access.ts';
import type { Accounts } from '../accounts.ts';
import { message, toUserPublic, updatePassword, userPublic, userUpdateMe } from '../schemas.ts';
import type { UserStore } from '../user-store.ts';
import { contextOf, orTaken, ownUser } from './answers.ts';

export function meRoutes({ store, accounts }: { store: UserStore; accounts: Accounts }): Route[] {
  const update = (method: 'PATCH' | 'PUT', operationId: string): Route =>
    route({
      method,
      path: '/users/me',
      access: 'user',
      operationId,
      summary: 'Update own name or address',
      body: userUpdateMe,
      answer: { schema: userPublic },
      async handler(request) {
        const { caller, body } = request;
        const user = await orTaken(accounts.update(caller.userId, body, contextOf(request), userGone));
        return toUserPublic(user);
      },
    });

  return [
    route({
      method: 'GET',
      path: '/users/me',
      access: 'user',
      operationId: 'users-read_user_me',
      summary: 'Get own user',
      answer: { schema: userPublic },
      async handler({ caller }) {
        return toUserPublic(await ownUser(store, caller));
      },
    }),
    update('PATCH', 'users-update_user_me'),
    update('PUT', 'users-replace_user_me'),
    route({
      method: 'PATCH',
      path: '/users/me/password',
      access: 'user',
      operationId: 'users-update_password_me',
      summary: 'Change own password; ends all other sessions',
      body: updatePassword,
      answer: { schema: message },
      async handler(request) {
        const { current_password: current, new_password: wanted } = request.body;
        await accounts.changePassword(request.caller, { current, wanted }, contextOf(request));
        return { message: 'Password updated successfully' };
      },
    }),
    route({
      method: 'DELETE',
      path: '/users/me',
      access: 'user',
      operationId: 'users-delete_user_me',
      summary: 'Delete own user',
      answer: { schema: message },
      async handler(request) {
        const { userId } = request.caller;
        await accounts.remove(userId, userId, contextOf(request));
        return { message: 'User deleted successfully' };
      },
    }),
  ];
}
