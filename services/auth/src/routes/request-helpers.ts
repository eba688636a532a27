import type { IncomingHttpHeaders } from 'node:http';
import type { AppError } from '@quartet/common/errors.ts';
import type { EventContext } from '@quartet/common/events/envelope.ts';
import { siteOf } from '@quartet/common/http/caller-address.ts';
import { ID } from '@quartet/common/http/input/fields.ts';
import { Revised } from '@quartet/common/http/routes/route.ts';
import { userGone, userInactive } from '@quartet/common/tokens/access.ts';
import type { Caller } from '@quartet/common/tokens/caller.ts';
import type { HashTurn } from '../passwords.ts';
import { emailTaken } from '../refusals.ts';
import { toUserPublic, userPublic } from '../schemas.ts';
import type { Device } from '../sessions/stored-session.ts';
import { EmailTaken } from '../users/email-taken.ts';
import type { User } from '../users/user.ts';
import type { UserStore } from '../users/user-store.ts';

export const userIdParam = {
  description: "The user's id",
  example: '65f1c0ffee15600d5eed0001',
  maxLength: 24,
  format: { pattern: ID, detail: 'Invalid user ID format' },
};

/** What a route with the {@link answerOf} a user declares. */
export const userAnswer = { schema: userPublic, revised: true } as const;

export const answerOf = (user: User) => new Revised(toUserPublic(user), user.revision);

export function contextOf({ traceparent }: { traceparent: string | undefined }): EventContext {
  return { now: new Date(), traceparent };
}

export function turnOf(
  { address, gone, stillAllowed }: { address: string; gone: AbortSignal; stillAllowed: () => Promise<void> },
  account: string,
): HashTurn {
  return { network: siteOf(address), account, gone, stillAllowed };
}

export const deviceOf = ({
  headers,
  address,
}: {
  headers: IncomingHttpHeaders;
  address: string;
}): Device => ({ userAgent: headers['user-agent'] || null, address });

export function orTaken<T>(work: Promise<T>, taken: () => AppError = emailTaken): Promise<T> {
  return work.catch((err: unknown) => {
    throw err instanceof EmailTaken ? taken() : err;
  });
}

/** @throws {AppError} 404 when the caller's user is deleted, 400 when it is deactivated */
export async function ownUser(store: UserStore, { userId }: Caller): Promise<User> {
  const user = await store.findById(userId);
  if (!user) throw userGone();
  if (!user.is_active) throw userInactive();
  return user;
}
