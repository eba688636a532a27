import { isServiceAway } from '@quartet/common/events/user-request.ts';
import type { Email, Outcome } from '../emails/email.ts';
import { SmtpError, type SmtpFault } from '../smtp/smtp-fault.ts';

/** After so many attempts an e-mail has failed; an admin's retry grants as many again. */
export const ATTEMPTS = 12;

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 3_600_000;
/** The factor by which the first delay grows to the longest over all attempts. */
const GROWTH = (LONGEST_DELAY_MS / FIRST_DELAY_MS) ** (1 / (ATTEMPTS - 2));
const AUTH_AWAY_DELAY_MS = 2_000;

/** @param attempts made before the one that failed */
export const retryDelayMs = (attempts: number): number => FIRST_DELAY_MS * GROWTH ** (attempts % ATTEMPTS);

const isFault = (err: unknown, fault: SmtpFault): boolean => err instanceof SmtpError && err.fault === fault;

export const isServerAway = (err: unknown): boolean => isFault(err, 'away');

/** Whether it is unknown if the server took the e-mail; the server may not be well then. */
export const isUnknown = (err: unknown): boolean => isFault(err, 'unknown');

/**
 * The outcome of a failed attempt.
 * @param away when a server that is away is tried again; or `blamed`: other e-mails went out since it seemed away, so this
 *   e-mail makes the server hang up
 */
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
