import type { EmailKind } from './rendering/email-kinds.ts';

export const emailStatuses = ['queued', 'sent', 'failed', 'cancelled'] as const;

/** `cancelled`: the user is gone, or another e-mail says the same. */
export type EmailStatus = (typeof emailStatuses)[number];

/** An e-mail as stored, without its body and link. `_id` is its event's id, so an event makes one e-mail only. */
export type Email = {
  _id: string;
  kind: EmailKind;
  to: string;
  /** The user it is about; null for a test e-mail. */
  user_id: string | null;
  subject: string;
  status: EmailStatus;
  attempts: number;
  last_error: string | null;
  /** Position among the e-mails to one address: when the broker got the event; sorts as text. */
  order: string;
  /** Whether it waits for another e-mail to the same address, whose outcome wakes it. */
  waits: boolean;
  /** Id of the lease. */
  held_by: string | null;
  /** While queued: when it is next tried, or when its lease ends. Afterwards: when it was sent, failed or cancelled. */
  due_at: Date;
  /** When the server seemed away during the first such attempt in a row, while the e-mail is not blamed for it. */
  away_at: Date | null;
  created_at: Date;
  updated_at: Date;
  sent_at: Date | null;
  traceparent?: string | undefined;
};

/** The outcome of an attempt. `counts` is false when the e-mail was not to blame. */
export type Outcome = {
  status: EmailStatus;
  error: string | null;
  counts: boolean;
  dueAt?: Date;
  awayAt?: Date;
  /** Another e-mail to the same address goes first. */
  waits?: boolean;
};

/** A process renews its lease while it sends. */
export const LEASE_MS = 20_000;
export const leaseEnd = (now: Date): Date => new Date(now.getTime() + LEASE_MS);
export const GONE = 'the user is gone';
