import type { EventHandler } from '@quartet/common/events/consumer/event-handler.ts';
import type { QueueEmail } from './queue-email.ts';

/** Sends the link; it is made when the e-mail goes out. */
export function onPasswordResetRequested(queueEmail: QueueEmail): EventHandler<'password.reset-requested'> {
  return async (event, delivery) => {
    await queueEmail(event, delivery, 'password-recovery');
    return undefined;
  };
}
