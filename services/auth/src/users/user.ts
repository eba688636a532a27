import type { OutboxEntry } from '@quartet/common/events/outbox/outbox.ts';
import type { ObjectId } from 'mongodb';

/** Allows an event's e-mail to carry a link, which goes to the event's user while the address is that of the event's moment. */
export type LinkGrant = { event_id: string; at: Date; email_version: number };

/** A former address that a link can bring back, and the event of the change that replaced it. */
export type UndoGrant = { event_id: string; at: Date; email: string };

/** A user as stored. `revision` grows with every write; a tombstone has `deleted_at` and waits for its event to be published. */
export type User = {
  _id: ObjectId;
  /** Unique and normalized; a document of an earlier release may have another spelling. */
  email: string;
  /** The spelling that an earlier release had stored: links of that time are bound to it. */
  spelled_before?: string;
  /** Grows when the address changes, so that an earlier link stays dead when the address comes back. */
  email_version: number;
  full_name: string | null;
  hashed_password: string;
  is_active: boolean;
  is_superuser: boolean;
  /** Access tokens of a lesser version are revoked, except those of one session: see `exceptSessionOf`. */
  token_version: number;
  except_session?: ExceptSession;
  /** `except_session` as release 0.1 reads and writes it. */
  spared_session?: string | null;
  revision: number;
  created_at: Date;
  updated_at: Date;
  link_grants?: LinkGrant[];
  undo_grants?: UndoGrant[];
  guessing_told_at?: Date;
  deleted_at?: Date;
  outbox: OutboxEntry[];
};

/** The session (null: none) that lived on when `token_version` grew to this value. */
export type ExceptSession = { id: string | null; token_version: number };

export type UserChange = {
  set: Partial<
    Pick<
      User,
      'email' | 'full_name' | 'hashed_password' | 'is_active' | 'is_superuser' | 'link_grants' | 'undo_grants'
    >
  >;
  /** Ends all sessions except this one (null: all). */
  endSessions?: { except: string | null };
  events: OutboxEntry[];
  now: Date;
};
