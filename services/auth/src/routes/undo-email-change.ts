import { tooManyRequests } from '@quartet/common/errors.ts';
import { type Route, route } from '@quartet/common/http/routes/route.ts';
import type { Limits } from '../limits/limits.ts';
import { emailTaken, invalidLink } from '../refusals.ts';
import { undoEmailChange } from '../schemas.ts';
import type { Accounts } from '../users/accounts.ts';
import { answerOf, contextOf, orTaken, turnOf, userAnswer } from './request-helpers.ts';

export function undoEmailChangeRoute({ accounts, limits }: { accounts: Accounts; limits: Limits }): Route {
  return route({
    method: 'POST',
    path: '/users/undo-email-change',
    access: 'anyone',
    operationId: 'users-undo_email_change',
    summary: 'Undo a change of address with a link',
    description:
      'Takes the `token` of the link that went to the former address. It works once, within 72 hours. The former address is back, all sessions end, the password is none any more, and a link to set a new one is sent there. Links that went to addresses of after it are dead.',
    body: undoEmailChange,
    answer: userAnswer,
    refusals: [invalidLink, emailTaken, tooManyRequests],
    async handler(request) {
      await limits.undo(request.address);
      const { token } = request.body;
      const turn = turnOf(request, token);
      return answerOf(await orTaken(accounts.undoEmailChange(token, contextOf(request), turn)));
    },
  });
}
