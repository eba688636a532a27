import type { EventHandler } from '@quartet/common/events/consumer/event-handler.ts';
import type { QueueEmail } from './queue-email.ts';

/** auth publishes the event once a day at most. */
export function onPasswordGuessingDetected(
  queueEmail: QueueEmail,
): EventHandler<'password.guessing-detected'> {
  return async (event, delivery) => {
    await queueEmail(event, delivery, 'password-guessing');
    return undefined;
  };
}
