import type { EmailKind } from './rendering/email-kinds.ts';

export const emailStatuses = ['queued', 'sent', 'failed', 'cancelled'] as const;

/** `cancelled` means that the user is gone, or that another e-mail says the same. */
export type EmailStatus = (typeof emailStatuses)[number];

/** Body and link are not stored. `_id` is made of the event's id, so an event makes one e-mail of a kind only. */
export type Email = {
  _id: string;
  /** Where `_id` is not the id of the event. */
  event_id?: string;
  kind: EmailKind;
  to: string;
  user_id: string | null;
  subject: string;
  status: EmailStatus;
  attempts: number;
  last_error: string | null;
  /** The time at the broker orders the e-mails to one address; it sorts as text. */
  order: string;
  /** It waits for another e-mail to the same address, whose outcome wakes it. */
  waits: boolean;
  held_by: string | null;
  /** A queued e-mail is tried then, or its lease ends; another one was sent, failed or cancelled then. */
  due_at: Date;
  /** The server has seemed away since then, while the e-mail is not blamed for it. */
  away_at: Date | null;
  created_at: Date;
  updated_at: Date;
  sent_at: Date | null;
  traceparent?: string | undefined;
};

/** `counts` is false when the e-mail was not to blame. */
export type Outcome = {
  status: EmailStatus;
  error: string | null;
  counts: boolean;
  dueAt?: Date;
  awayAt?: Date;
  waits?: boolean;
};

/** A process renews its lease while it sends. */
export const LEASE_MS = 20_000;
export const leaseEnd = (now: Date): Date => new Date(now.getTime() + LEASE_MS);
export const GONE = 'the user is gone';
