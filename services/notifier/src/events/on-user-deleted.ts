import type { EventHandler } from '@quartet/common/events/consumer.ts';
import type { EmailStore } from '../email-store.ts';
import type { QueueEmail } from './queue-email.ts';

/** Cancels what still waits for the user, then says farewell. */
export function onUserDeleted(store: EmailStore, queueEmail: QueueEmail): EventHandler<'user.deleted'> {
  return async (event) => {
    await store.cancelFor(event.data.user_id, event.id, new Date());
    await queueEmail(event, 'farewell');
    return undefined;
  };
}
