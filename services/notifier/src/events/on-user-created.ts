import type { EmailVerification } from '@quartet/common/config/email-verification.ts';
import type { EventHandler } from '@quartet/common/events/consumer/event-handler.ts';
import type { QueueEmail } from './queue-email.ts';

/** Of a sign-up; a welcome may have the link that verifies in it. */
export type SignUpEmails = { welcome: boolean; verification: EmailVerification };

/** The first superuser and test users get no e-mail. */
export function onUserCreated(
  queueEmail: QueueEmail,
  { welcome, verification }: SignUpEmails,
): EventHandler<'user.created'> {
  return async (event, delivery) => {
    const { origin } = event.data;
    if (origin === 'admin') await queueEmail(event, delivery, 'invitation');
    if (origin !== 'signup') return undefined;
    if (welcome) await queueEmail(event, delivery, 'welcome');
    else if (verification !== 'off') await queueEmail(event, delivery, 'verify-email');
    return undefined;
  };
}
