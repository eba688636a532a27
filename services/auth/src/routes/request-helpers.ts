import type { AppError } from '@quartet/common/errors.ts';
import type { EventContext } from '@quartet/common/events/envelope.ts';
import { siteOf } from '@quartet/common/http/caller-address.ts';
import { ID } from '@quartet/common/http/input/fields.ts';
import { userGone, userInactive } from '@quartet/common/tokens/access.ts';
import type { Caller } from '@quartet/common/tokens/caller.ts';
import type { HashTurn } from '../passwords.ts';
import { emailTaken } from '../refusals.ts';
import { EmailTaken } from '../users/email-taken.ts';
import type { User } from '../users/user.ts';
import type { UserStore } from '../users/user-store.ts';

/** `{user_id}` of a path. */
export const userIdParam = {
  description: "The user's id",
  example: '65f1c0ffee15600d5eed0001',
  maxLength: 24,
  format: { pattern: ID, detail: 'Invalid user ID format' },
};

/** What the events of a request say of it. */
export function contextOf({ traceparent }: { traceparent: string | undefined }): EventContext {
  return { now: new Date(), traceparent };
}

/** Whose turn a request's hashes take. @param account tells the accounts of a network apart */
export function turnOf({ address, gone }: { address: string; gone: AbortSignal }, account: string): HashTurn {
  return { network: siteOf(address), account, gone };
}

/** Turns `EmailTaken` into the route's own error. */
export function orTaken<T>(work: Promise<T>, taken: () => AppError = emailTaken): Promise<T> {
  return work.catch((err: unknown) => {
    throw err instanceof EmailTaken ? taken() : err;
  });
}

/**
 * The caller's own user as it is now.
 * @throws {AppError} 404 when it is deleted, 400 when it is deactivated
 */
export async function ownUser(store: UserStore, { userId }: Caller): Promise<User> {
  const user = await store.findById(userId);
  if (!user) throw userGone();
  if (!user.is_active) throw userInactive();
  return user;
}
