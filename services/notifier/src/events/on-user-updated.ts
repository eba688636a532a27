import type { EmailVerification } from '@quartet/common/config/email-verification.ts';
import type { EventHandler } from '@quartet/common/events/consumer/event-handler.ts';
import type { QueueEmail } from './queue-email.ts';

/** The former address gets the notice; its link undoes the change. The new one gets a link that verifies it. */
export function onUserUpdated(
  queueEmail: QueueEmail,
  { verification }: { verification: EmailVerification },
): EventHandler<'user.updated'> {
  return async (event, delivery) => {
    const { changed, is_verified, previous_email } = event.data;
    if (previous_email !== undefined) await queueEmail(event, delivery, 'email-changed', previous_email);
    const isUnverified = changed.includes('email') && is_verified === false;
    if (isUnverified && verification !== 'off') await queueEmail(event, delivery, 'verify-email');
    return undefined;
  };
}
