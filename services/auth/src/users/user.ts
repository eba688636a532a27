import type { OutboxEntry } from '@quartet/common/events/outbox/outbox.ts';
import type { ObjectId } from 'mongodb';

/**
 * What auth keeps of an event whose e-mail carries a link: only the event's user gets one, and only while the address is that
 * of the event's moment.
 */
export type LinkGrant = { event_id: string; at: Date; email_version: number };

/** A former address that a link can bring back, and the event that tells of the change which took it away. */
export type UndoGrant = { event_id: string; at: Date; email: string };

/** A user as stored. `revision` grows with every change; a tombstone has `deleted_at` and waits for its event to go out. */
export type User = {
  _id: ObjectId;
  /** Unique, and in the one form; what an earlier release stored may be spelled otherwise. */
  email: string;
  /** How an earlier release had stored the address: links of that time are bound to it. */
  spelled_before?: string;
  /** Grows when the address changes, so that a link sent before stays dead when the address comes back. */
  email_version: number;
  full_name: string | null;
  hashed_password: string;
  is_active: boolean;
  is_superuser: boolean;
  /** Tokens of a lesser version are revoked, but for those of `spared_session`. */
  token_version: number;
  spared_session: string | null;
  revision: number;
  created_at: Date;
  updated_at: Date;
  /** Events whose e-mails may ask for a link. */
  link_grants?: LinkGrant[];
  /** Former addresses that a link can bring back, the oldest first. */
  undo_grants?: UndoGrant[];
  /** When the owner was last told that somebody tries passwords. */
  guessing_told_at?: Date;
  deleted_at?: Date;
  outbox: OutboxEntry[];
};

/** What one write does to a user. */
export type UserChange = {
  set: Partial<
    Pick<
      User,
      'email' | 'full_name' | 'hashed_password' | 'is_active' | 'is_superuser' | 'link_grants' | 'undo_grants'
    >
  >;
  /** Ends all sessions but the one named here (null: all). */
  endSessions?: { spare: string | null };
  events: OutboxEntry[];
  now: Date;
};
