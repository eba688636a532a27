import { type AppError, conflict } from '@quartet/common/errors.ts';
import type { EventContext } from '@quartet/common/events/envelope.ts';
import { isId } from '@quartet/common/http/fields.ts';
import { EmailTaken } from '../user-store.ts';

/** `{user_id}` of a path. */
export const userIdParam = { valid: isId, detail: 'Invalid user ID format' };

export const EMAIL_CONFLICT = 'User with this email already exists';

/** What events say of the request that caused them. */
export function contextOf({ traceparent }: { traceparent: string | undefined }): EventContext {
  return { now: new Date(), traceparent };
}

/** Answers a taken address with the error that the route has for it. */
export function orTaken<T>(
  work: Promise<T>,
  taken: () => AppError = () => conflict(EMAIL_CONFLICT),
): Promise<T> {
  return work.catch((err: unknown) => {
    throw err instanceof EmailTaken ? taken() : err;
  });
}
