import type { Delivery } from '@quartet/common/events/consumer/event-handler.ts';
import type { DomainEvent } from '@quartet/common/events/envelope.ts';
import { emailFor } from '../emails/email-queue.ts';
import type { EmailStore } from '../emails/email-store.ts';
import type { EmailKind } from '../emails/rendering/email-kinds.ts';

/** Queues the e-mail that an event causes, to the user's address or `to`; a repeated event queues no second one. */
export type QueueEmail = (
  event: DomainEvent & { data: { user_id: string; email: string } },
  delivery: Delivery,
  kind: EmailKind,
  to?: string,
) => Promise<void>;

/** @param onQueued called when there is something to send */
export function createQueueEmail(
  store: EmailStore,
  settings: { projectName: string; waitingFor: string | null },
  onQueued: () => void,
): QueueEmail {
  return async (event, { publishedAt, traceparent }, kind, to) => {
    const now = new Date();
    const email = emailFor(event, kind, settings.projectName, { publishedAt, traceparent, now, to });
    const isNew = await store.add({ ...email, last_error: settings.waitingFor }, now);
    if (isNew) onQueued();
  };
}
