import type { Delivery } from '@quartet/common/events/consumer/event-handler.ts';
import type { DomainEvent } from '@quartet/common/events/envelope.ts';
import { emailFor } from '../emails/email-queue.ts';
import type { EmailStore } from '../emails/email-store.ts';
import type { EmailKind } from '../emails/rendering/email-kinds.ts';

/** The e-mail goes to `to`, else to the address in the event's data, else to the one that auth knows. */
export type QueueEmail = (
  event: DomainEvent,
  delivery: Delivery,
  kind: EmailKind,
  to?: string,
) => Promise<void>;

/** `addressOf` asks auth, and returns undefined when the user is gone. */
export function createQueueEmail(
  parts: {
    store: EmailStore;
    addressOf: (userId: string) => Promise<string | undefined>;
    onQueued: () => void;
  },
  settings: { projectName: string; waitingFor: string | null },
): QueueEmail {
  const { store, addressOf, onQueued } = parts;
  return async (event, { publishedAt, traceparent, log }, kind, given) => {
    const { data } = event;
    const userId = 'user_id' in data ? data.user_id : data.owner_id;
    const to = given ?? ('email' in data ? data.email : await addressOf(userId));
    if (to === undefined) {
      log.info({ kind, user_id: userId }, 'no e-mail is queued: its user is gone');
      return;
    }
    const now = new Date();
    const email = emailFor(event, kind, { userId, to }, settings.projectName, {
      publishedAt,
      traceparent,
      now,
    });
    const isNew = await store.add({ ...email, last_error: settings.waitingFor }, now);
    if (isNew) onQueued();
  };
}
