import { randomUUID } from 'node:crypto';
import type { EventData, EventType } from '@quartet/common/events/contracts.ts';
import { createEvent } from '@quartet/common/events/envelope.ts';
import { expect } from 'vitest';
import type { Email } from '../../services/notifier/src/emails/email.ts';
import { unhandled } from './events.ts';
import type { Testbed } from './testbed.ts';

export const queueOf = ({ database }: Testbed) => database.db.collection<Email>('emails');

/** The defaults are those of a notice that is due. */
export function storedEmail(values: Partial<Email> = {}): Email {
  const now = new Date();
  const _id = values._id ?? randomUUID();
  return {
    _id,
    kind: 'password-changed',
    to: 'somebody@example.com',
    user_id: '650000000000000000000001',
    subject: 'Quartet - Your password was changed',
    status: 'queued',
    attempts: 0,
    last_error: null,
    order: `${now.toISOString()} ${_id}`,
    waits: false,
    held_by: null,
    due_at: now,
    away_at: null,
    created_at: now,
    updated_at: now,
    sent_at: null,
    ...values,
  };
}

/** The order is that of the events; several e-mails may be stored within a millisecond. */
export const emailsTo = (bed: Testbed, to: string): Promise<Email[]> =>
  queueOf(bed)
    .find({ to }, { sort: { order: 1 } })
    .toArray();

/** The wanted states have the form `kind status`. */
export async function expectEmails(bed: Testbed, to: string, ...wanted: string[]): Promise<Email[]> {
  const states = async () => (await emailsTo(bed, to)).map(({ kind, status }) => `${kind} ${status}`);
  await expect.poll(states, { timeout: 10_000 }).toEqual(wanted);
  return emailsTo(bed, to);
}

export async function allHeard({ broker }: Testbed): Promise<void> {
  await expect.poll(() => unhandled(broker, 'notifier'), { timeout: 10_000 }).toBe(0);
}

/** A repeated event needs another `messageId`. */
export async function publish<T extends EventType>(
  bed: Testbed,
  event: ReturnType<typeof createEvent<T>>,
  messageId = event.id,
): Promise<void> {
  const { js, names } = bed.broker;
  await js.publish(names.event(event.type), JSON.stringify(event), { msgID: messageId });
}

let lastEventMs = 0;

/** Each event is later than the one before, although the broker may take several within a millisecond. */
export function userEvent<T extends Extract<EventType, `user.${string}` | `password.${string}`>>(
  type: T,
  data: EventData<T>,
) {
  lastEventMs = Math.max(Date.now(), lastEventMs + 1);
  return createEvent(type, data.user_id, data, new Date(lastEventMs));
}
