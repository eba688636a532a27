import type { EventHandler } from '@quartet/common/events/consumer/event-handler.ts';
import type { EmailStore } from '../emails/email-store.ts';
import type { QueueEmail } from './queue-email.ts';

/** The farewell comes first, so that an e-mail that is queued later finds it. */
export function onUserDeleted(store: EmailStore, queueEmail: QueueEmail): EventHandler<'user.deleted'> {
  return async (event, delivery) => {
    await queueEmail(event, delivery, 'farewell');
    await store.cancelFor(event.data.user_id, new Date());
    return undefined;
  };
}
