import type { OutboxEntry } from '@quartet/common/events/outbox/outbox.ts';
import type { ObjectId } from 'mongodb';

/** The token with this digest was used, and `salt` derives its successor from it: see `refresh-token.ts`. */
export type Rotation = { digest: string; salt: string; at: Date };

/** A login made it; a tombstone has `deleted_at` and waits for its events to be published. */
export type StoredSession = {
  /** It is the `sid` of the session's access tokens. */
  _id: ObjectId;
  user_id: ObjectId;
  /** The user's version at the login or the last refresh: a later one may have ended the session. */
  token_version: number;
  /** The digest of the present refresh token; null for a client that did not ask for one. */
  token_digest: string | null;
  /** It counts the refresh tokens before the present one. */
  generation: number;
  /** The latest rotations, oldest first; the last one is of the token before the present one. */
  rotations: Rotation[];
  user_agent: string | null;
  ip_address: string;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
  /** No access token of the session is valid later. */
  tokens_expire_at: Date;
  revision: number;
  outbox: OutboxEntry[];
  deleted_at?: Date;
};

/** What a request tells of the caller's device. */
export type Device = { userAgent: string | null; address: string };
