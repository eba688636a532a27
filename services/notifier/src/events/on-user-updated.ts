import type { EventHandler } from '@quartet/common/events/consumer/event-handler.ts';
import type { QueueEmail } from './queue-email.ts';

/** The former address gets the notice; its link undoes the change. */
export function onUserUpdated(queueEmail: QueueEmail): EventHandler<'user.updated'> {
  return async (event, delivery) => {
    const { previous_email } = event.data;
    if (previous_email !== undefined) await queueEmail(event, delivery, 'email-changed', previous_email);
    return undefined;
  };
}
