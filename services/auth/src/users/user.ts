import type { OutboxEntry } from '@quartet/common/events/outbox/outbox.ts';
import type { Versioned } from '@quartet/common/lists/versions.ts';
import type { ObjectId } from 'mongodb';

/** The event's e-mail may carry a link while the user has the address of the event's moment. */
export type LinkGrant = { event_id: string; at: Date; email_version: number };

/** `was_verified` is whether `email` was; an earlier release leaves it out. */
export type UndoGrant = { event_id: string; at: Date; email: string; was_verified?: boolean };

/** What lists of users are sorted by, besides `created_at`. */
export type UserVersion = { email: string; updated_at: Date };

/** A tombstone has `deleted_at` and waits for its event to be published. */
export type User = Versioned<UserVersion> & {
  _id: ObjectId;
  /** The address is normalized, unless an earlier release stored it. */
  email: string;
  /** Links of an earlier release are bound to this spelling. */
  spelled_before?: string;
  /** This grows with each change, so that an earlier link stays invalid when the address comes back. */
  email_version: number;
  /** Documents of release 0.1 lack both; `isVerified` reads them. */
  is_verified?: boolean;
  /** The `email_version` of the address that was verified. */
  verified_version?: number;
  full_name: string | null;
  /** The folded words of address and name; users of earlier releases have none until the sweep. */
  words?: string[];
  hashed_password: string;
  is_active: boolean;
  is_superuser: boolean;
  /** Tokens of a lesser version are revoked, except those of one session: see `exceptSessionOf`. */
  token_version: number;
  except_session?: ExceptSession;
  /** Release 0.1 uses this field instead of `except_session`. */
  spared_session?: string | null;
  revision: number;
  link_grants?: LinkGrant[];
  verify_grants?: LinkGrant[];
  undo_grants?: UndoGrant[];
  guessing_told_at?: Date;
  deleted_at?: Date;
  outbox: OutboxEntry[];
};

/** The session `id` (null: none) stayed valid when `token_version` grew to this value. */
export type ExceptSession = { id: string | null; token_version: number };

export type UserChange = {
  set: Partial<
    Pick<
      User,
      | 'email'
      | 'full_name'
      | 'hashed_password'
      | 'is_active'
      | 'is_superuser'
      | 'is_verified'
      | 'verified_version'
      | 'link_grants'
      | 'verify_grants'
      | 'undo_grants'
    >
  >;
  endSessions?: { except: string | null };
  events: OutboxEntry[];
  now: Date;
};
