import { setTimeout as delay } from 'node:timers/promises';
import { emailFault, normalizeEmail } from '@quartet/common/http/email-address.ts';
import { type Route, route } from '@quartet/common/http/route.ts';
import type { Accounts } from '../accounts.ts';
import { message, newPassword } from '../schemas.ts';
import { contextOf } from './answers.ts';

/** Known and unknown addresses are answered after this time, which is longer than a write takes. */
const ANSWER_AFTER_MS = 100;

export function recoveryRoutes({ accounts }: { accounts: Accounts }): Route[] {
  return [
    route({
      method: 'POST',
      path: '/password-recovery/{email}',
      access: 'anyone',
      operationId: 'login-recover_password',
      summary: 'Send a password recovery link, if the address is registered',
      params: { email: undefined },
      answer: { schema: message },
      async handler(request) {
        const email = normalizeEmail(request.params.email);
        const asked = emailFault(email) ? undefined : accounts.requestReset(email, contextOf(request));
        await Promise.all([asked, delay(ANSWER_AFTER_MS)]);
        return { message: 'If that email is registered, we sent a password recovery link' };
      },
    }),
    route({
      method: 'POST',
      path: '/reset-password',
      access: 'anyone',
      operationId: 'login-reset_password',
      summary: 'Set a new password with the token of a link',
      body: newPassword,
      answer: { schema: message },
      async handler(request) {
        await accounts.resetPassword(request.body.token, request.body.new_password, contextOf(request));
        return { message: 'Password updated successfully' };
      },
    }),
  ];
}
