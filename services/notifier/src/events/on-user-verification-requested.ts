import type { EventHandler } from '@quartet/common/events/consumer/event-handler.ts';
import type { QueueEmail } from './queue-email.ts';

/** The link is made when the e-mail is sent. */
export function onUserVerificationRequested(
  queueEmail: QueueEmail,
): EventHandler<'user.verification-requested'> {
  return async (event, delivery) => {
    await queueEmail(event, delivery, 'verify-email');
    return undefined;
  };
}
