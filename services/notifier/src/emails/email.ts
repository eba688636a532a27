import type { MailKind } from './rendering/mail-kinds.ts';

export const emailStatuses = ['queued', 'sent', 'failed', 'cancelled'] as const;

/** `cancelled`: its user is gone, or another e-mail stands for it. */
export type EmailStatus = (typeof emailStatuses)[number];

/** An e-mail as stored: neither its body nor its link. `_id` is its event's id, so an event makes one e-mail only. */
export type Email = {
  _id: string;
  kind: MailKind;
  to: string;
  /** The user it is about; null for a test e-mail. */
  user_id: string | null;
  subject: string;
  status: EmailStatus;
  attempts: number;
  last_error: string | null;
  /** Its place among the e-mails to one address: when the broker got its event; sorts as text. */
  order: string;
  /** Whether it waits for another to the same address; that one's outcome calls it. */
  waits: boolean;
  /** The claim of the process that has it in hand. */
  held_by: string | null;
  /** While queued: when it is next looked at, or, in hand, when the lease ends. Then: when it ended. */
  due_at: Date;
  /** When the server last seemed away on account of this e-mail, as far as that is not held against it. */
  away_at: Date | null;
  created_at: Date;
  updated_at: Date;
  sent_at: Date | null;
  /** The trace that its sending goes on with. */
  traceparent?: string | undefined;
};

/** What became of an attempt. `counts` is false when the e-mail was not to blame. */
export type Outcome = {
  status: EmailStatus;
  error: string | null;
  counts: boolean;
  dueAt?: Date;
  awayAt?: Date;
  /** Another e-mail to the same address goes first. */
  waits?: boolean;
};

/** How long a process has an e-mail to itself; it renews this while it sends. */
export const LEASE_MS = 20_000;
export const leaseEnd = (now: Date): Date => new Date(now.getTime() + LEASE_MS);
export const GONE = 'the user is gone';
