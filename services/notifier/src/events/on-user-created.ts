import type { EventHandler } from '@quartet/common/events/consumer/event-handler.ts';
import type { QueueEmail } from './queue-email.ts';

/** Welcomes users who signed up, invites users whom an admin made; the first superuser and test users get nothing. */
export function onUserCreated(queueEmail: QueueEmail): EventHandler<'user.created'> {
  return async (event, delivery) => {
    if (event.data.origin === 'signup') await queueEmail(event, delivery, 'welcome');
    if (event.data.origin === 'admin') await queueEmail(event, delivery, 'invitation');
    return undefined;
  };
}
