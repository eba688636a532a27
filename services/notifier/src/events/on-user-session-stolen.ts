import type { EventHandler } from '@quartet/common/events/consumer/event-handler.ts';
import type { QueueEmail } from './queue-email.ts';

export function onUserSessionStolen(queueEmail: QueueEmail): EventHandler<'user.session-stolen'> {
  return async (event, delivery) => {
    await queueEmail(event, delivery, 'session-stolen');
    return undefined;
  };
}
