import type { EventHandler } from '@quartet/common/events/consumer/event-handler.ts';
import type { QueueEmail } from './queue-email.ts';

/** The owner also gets a notice when an admin changed the password. */
export function onPasswordChanged(queueEmail: QueueEmail): EventHandler<'password.changed'> {
  return async (event, delivery) => {
    await queueEmail(event, delivery, 'password-changed');
    return undefined;
  };
}
