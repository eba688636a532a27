import type { EventHandler } from '@quartet/common/events/consumer/event-handler.ts';
import type { EmailStore } from '../emails/email-store.ts';
import type { QueueEmail } from './queue-email.ts';

/** Says farewell, and cancels what else waits for the user. In this order: whatever comes later finds the farewell. */
export function onUserDeleted(store: EmailStore, queueEmail: QueueEmail): EventHandler<'user.deleted'> {
  return async (event, delivery) => {
    await queueEmail(event, delivery, 'farewell');
    await store.cancelFor(event.data.user_id, new Date());
    return undefined;
  };
}
