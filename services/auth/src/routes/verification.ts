import { tooManyRequests } from '@quartet/common/errors.ts';
import { message } from '@quartet/common/http/routes/answers.ts';
import { type Route, route } from '@quartet/common/http/routes/route.ts';
import type { Background } from '../background.ts';
import type { Limits } from '../limits/limits.ts';
import type { LinkRequests } from '../links/link-requests.ts';
import { invalidLink } from '../refusals.ts';
import { verificationEmail, verifyEmail } from '../schemas.ts';
import type { Accounts } from '../users/accounts.ts';
import { answerAlike } from './answer-alike.ts';
import { answerOf, contextOf, userAnswer } from './request-helpers.ts';

const linkSent = {
  message: 'If that email is registered and not verified, we sent a verification link',
};

export function verificationRoutes({
  accounts,
  limits,
  verificationRequests,
  background,
}: {
  accounts: Accounts;
  limits: Limits;
  verificationRequests: LinkRequests;
  background: Background;
}): Route[] {
  return [
    route({
      method: 'POST',
      path: '/users/verify-email',
      access: 'anyone',
      operationId: 'users-verify_email',
      summary: 'Verify an address with a link',
      description:
        'Takes the `token` of the link that went to the address. The link may be opened again. It is dead once the address has changed, and after EMAIL_RESET_TOKEN_EXPIRE_HOURS.',
      body: verifyEmail,
      answer: userAnswer,
      refusals: [invalidLink],
      async handler(request) {
        return answerOf(await accounts.verifyEmail(request.body.token, contextOf(request)));
      },
    }),
    route({
      method: 'POST',
      path: '/users/verification-email',
      access: 'anyone',
      operationId: 'users-send_verification_email',
      summary: 'Send a link that verifies an address',
      description:
        'Goes to the address if an active user has it who has not verified it, unless EMAIL_VERIFICATION is `off`. The answer and its time are the same for any other address, and for what is no address at all.',
      body: verificationEmail,
      answer: { schema: message, example: linkSent },
      refusals: [tooManyRequests],
      async handler(request) {
        // This is the first statement: the time of anything before it would show.
        await answerAlike(background, async () => {
          const { email } = request.body;
          await limits.recovery(email, request.address);
          return verificationRequests.store(email, contextOf(request));
        });
        return linkSent;
      },
    }),
  ];
}
