import { tooManyRequests } from '@quartet/common/errors.ts';
import { TYPED_MAX_LENGTH } from '@quartet/common/http/input/email-address.ts';
import { message } from '@quartet/common/http/routes/answers.ts';
import { type Route, route } from '@quartet/common/http/routes/route.ts';
import { userInactive } from '@quartet/common/tokens/access.ts';
import type { Background } from '../background.ts';
import type { Limits } from '../limits/limits.ts';
import type { LinkRequests } from '../links/link-requests.ts';
import { invalidLink } from '../refusals.ts';
import { newPassword } from '../schemas.ts';
import type { Accounts } from '../users/accounts.ts';
import { answerAlike } from './answer-alike.ts';
import { contextOf, turnOf } from './request-helpers.ts';

const linkSent = { message: 'If that email is registered, we sent a password recovery link' };
const updated = { message: 'Password updated successfully' };

export function recoveryRoutes({
  accounts,
  limits,
  recoveryRequests,
  background,
}: {
  accounts: Accounts;
  limits: Limits;
  recoveryRequests: LinkRequests;
  background: Background;
}): Route[] {
  return [
    route({
      method: 'POST',
      path: '/password-recovery/{email}',
      access: 'anyone',
      operationId: 'login-recover_password',
      summary: 'Send a password recovery link',
      description:
        'Goes to the address if an active user has it. The answer and its time are the same for any other address, and for what is no address at all.',
      params: {
        email: { description: 'The address', example: 'ada@example.com', maxLength: TYPED_MAX_LENGTH },
      },
      answer: { schema: message, example: linkSent },
      refusals: [tooManyRequests],
      async handler(request) {
        // This is the first statement: the time of anything before it would show.
        await answerAlike(background, async () => {
          const { email } = request.params;
          await limits.recovery(email, request.address);
          return recoveryRequests.store(email, contextOf(request));
        });
        return linkSent;
      },
    }),
    route({
      method: 'POST',
      path: '/reset-password/',
      access: 'anyone',
      operationId: 'login-reset_password',
      summary: 'Set a new password with a link',
      description:
        'Takes the `token` of a recovery or invitation link. It works once, and no longer once the password or the address has changed. All sessions end.',
      body: newPassword,
      answer: { schema: message, example: updated },
      refusals: [invalidLink, userInactive],
      async handler(request) {
        const { token, new_password } = request.body;
        const turn = turnOf(request, token);
        const { email } = await accounts.resetPassword(token, new_password, contextOf(request), turn);
        await limits.ownerIsAt(email, request.address);
        return updated;
      },
    }),
  ];
}
