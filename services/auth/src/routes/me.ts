import { tooManyRequests } from '@quartet/common/errors.ts';
import { isSameMailbox } from '@quartet/common/http/input/email-address.ts';
import { message } from '@quartet/common/http/routes/answers.ts';
import { type Route, route } from '@quartet/common/http/routes/route.ts';
import { userGone } from '@quartet/common/tokens/access.ts';
import type { Limits } from '../limits/limits.ts';
import { deletesItself, emailTaken, samePassword, wrongPassword } from '../refusals.ts';
import { updatePassword, userUpdateMe } from '../schemas.ts';
import type { Accounts } from '../users/accounts.ts';
import type { UserStore } from '../users/user-store.ts';
import { answerOf, contextOf, orTaken, ownUser, turnOf, userAnswer } from './request-helpers.ts';

const updated = { message: 'Password updated successfully' };
const deleted = { message: 'User deleted successfully' };

export function meRoutes({
  store,
  accounts,
  limits,
}: {
  store: UserStore;
  accounts: Accounts;
  limits: Limits;
}): Route[] {
  const update = (method: 'PATCH' | 'PUT', operationId: string): Route =>
    route({
      method,
      path: '/users/me',
      access: 'user',
      operationId,
      summary: 'Update own user',
      description:
        'Sets the fields that are sent. A field left out stays; so does an `email` of null. A `full_name` of null is cleared. Sessions live on; links that were sent before an address change die with it. The former address gets an e-mail whose link undoes the change.',
      body: userUpdateMe,
      answer: userAnswer,
      conditional: true,
      refusals: [emailTaken, tooManyRequests],
      async handler(request) {
        const { caller, body, address } = request;
        const { userId } = caller;
        if (body.email !== undefined && !isSameMailbox((await ownUser(store, caller)).email, body.email)) {
          await limits.accountChange(userId, address);
        }
        const { checkRevision } = request;
        const checks = { checkRevision, missing: userGone, own: caller, turn: turnOf(request, userId) };
        return answerOf(await orTaken(accounts.update(userId, body, contextOf(request), checks)));
      },
    });

  return [
    route({
      method: 'GET',
      path: '/users/me',
      access: 'user',
      operationId: 'users-read_user_me',
      summary: 'Get own user',
      description: "The caller's user as it is now.",
      answer: userAnswer,
      conditional: true,
      async handler({ caller }) {
        return answerOf(await ownUser(store, caller));
      },
    }),
    update('PATCH', 'users-update_user_me'),
    update('PUT', 'users-replace_user_me'),
    route({
      method: 'PATCH',
      path: '/users/me/password',
      access: 'user',
      operationId: 'users-update_password_me',
      summary: 'Change own password',
      description: 'This session lives on, all others end. The user gets an e-mail about it.',
      body: updatePassword,
      answer: { schema: message, example: updated },
      refusals: [wrongPassword, samePassword, tooManyRequests],
      async handler(request) {
        const { current_password: current, new_password: wanted } = request.body;
        const { caller, address, gone } = request;
        const context = contextOf(request);
        const turn = turnOf(request, caller.userId);
        const limited = async (email: string, compare: () => Promise<boolean>): Promise<boolean> => {
          const onGuessing = (failures: number) => accounts.reportGuessing(email, failures, context);
          const attempt = { email, bySession: true, address, gone, onGuessing };
          return (await limits.login(attempt, async () => (await compare()) || undefined)) ?? false;
        };
        const mayChange = () => limits.accountChange(caller.userId, address);
        await accounts.changePassword(caller, { current, wanted }, context, limited, mayChange, turn);
        return updated;
      },
    }),
    route({
      method: 'DELETE',
      path: '/users/me',
      access: 'user',
      operationId: 'users-delete_user_me',
      summary: 'Delete own user',
      description:
        'For good, with all their items. All sessions end. A superuser cannot delete itself: somebody must be left to manage the others.',
      answer: { schema: message, example: deleted },
      conditional: true,
      refusals: [deletesItself],
      async handler(request) {
        await accounts.remove(request.caller.userId, request.caller, contextOf(request), request);
        return deleted;
      },
    }),
  ];
}
