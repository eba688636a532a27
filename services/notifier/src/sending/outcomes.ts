import { isServiceAway } from '@quartet/common/events/user-request.ts';
import type { Email, Outcome } from '../emails/email.ts';
import { SmtpError, type SmtpFault } from '../smtp/smtp-fault.ts';

/** An e-mail has failed after this many attempts; an admin's retry grants as many again. */
export const ATTEMPTS = 12;

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 3_600_000;
/** By this factor the delay grows from the first to the longest over all attempts. */
const GROWTH = (LONGEST_DELAY_MS / FIRST_DELAY_MS) ** (1 / (ATTEMPTS - 2));
const AUTH_AWAY_DELAY_MS = 2_000;

/** `attempts` does not include the one that failed. */
export const retryDelayMs = (attempts: number): number => FIRST_DELAY_MS * GROWTH ** (attempts % ATTEMPTS);

const isFault = (err: unknown, fault: SmtpFault): boolean => err instanceof SmtpError && err.fault === fault;

export const isServerAway = (err: unknown): boolean => isFault(err, 'away');

export const isUnknown = (err: unknown): boolean => isFault(err, 'unknown');

/** `blamed`: others were sent meanwhile, so this e-mail makes the server close the connection. */
export function outcomeOf(err: unknown, email: Email, away: Date | 'blamed', now: Date): Outcome {
  const error = err instanceof Error ? err.message : String(err);
  if (isServerAway(err) && away !== 'blamed') {
    return { status: 'queued', error, counts: false, dueAt: away, awayAt: email.away_at ?? now };
  }
  if (isFault(err, 'stopped'))
    return { status: 'queued', error: email.last_error, counts: false, dueAt: now };
  const later = (ms: number) => new Date(now.getTime() + ms);
  if (isServiceAway(err)) {
    return { status: 'queued', error, counts: false, dueAt: later(AUTH_AWAY_DELAY_MS) };
  }
  if (isFault(err, 'refused') || (email.attempts + 1) % ATTEMPTS === 0)
    return { status: 'failed', error, counts: true };
  const dueAt = later(retryDelayMs(email.attempts));
  return { status: 'queued', error, counts: true, dueAt, ...(isServerAway(err) && { awayAt: now }) };
}
