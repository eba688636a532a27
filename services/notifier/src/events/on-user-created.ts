import type { EventHandler } from '@quartet/common/events/consumer/event-handler.ts';
import type { QueueEmail } from './queue-email.ts';

/** The first superuser and test users get no e-mail. */
export function onUserCreated(queueEmail: QueueEmail): EventHandler<'user.created'> {
  return async (event, delivery) => {
    if (event.data.origin === 'signup') await queueEmail(event, delivery, 'welcome');
    if (event.data.origin === 'admin') await queueEmail(event, delivery, 'invitation');
    return undefined;
  };
}
