import { setTimeout as delay } from 'node:timers/promises';
import { isServiceAway } from '@quartet/common/events/requests.ts';
import type { Log } from '@quartet/common/logging.ts';
import type { Compose } from './compose.ts';
import { type Email, type EmailStore, LEASE_MS, type Outcome } from './email-store.ts';
import { SMTP_CONNECTIONS, type Smtp, SmtpError } from './smtp.ts';

/** Sends queued e-mails for as long as it runs. */
export type Sender = {
  /** Something is due: do not wait for the next look. */
  wake(): void;
  /** Takes no further e-mail and waits for those in hand. */
  stop(): Promise<void>;
};

const LOOK_EVERY_MS = 1_000;
const ATTEMPTS = 12;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 3_600_000;
/** From the first delay to the longest over all attempts. */
const GROWTH = (LONGEST_DELAY_MS / FIRST_DELAY_MS) ** (1 / (ATTEMPTS - 2));
const AUTH_AWAY_DELAY_MS = 2_000;
const FIRST_AWAY_MS = 500;
const LONGEST_AWAY_MS = 15_000;

/**
 * Sends what is due. While the SMTP server is away it is asked with one e-mail at a time, at growing intervals, and
 * no e-mail is held against it; when it is back all go out at once. Replicas share the queue by leases.
 */
export function startSender(parts: { store: EmailStore; smtp: Smtp; compose: Compose; log: Log }): Sender {
  const stopping = new AbortController();
  let woken = Promise.withResolvers<void>();

  const run = async (): Promise<void> => {
    for (let awayMs = 0; !stopping.signal.aborted; ) {
      let isAway = false;
      try {
        isAway = await sendAllDue(parts, awayMs > 0 ? 1 : SMTP_CONNECTIONS, stopping.signal);
      } catch (err) {
        parts.log.warn({ err }, 'the e-mail queue could not be read');
      }
      awayMs = isAway ? Math.min(Math.max(awayMs * 2, FIRST_AWAY_MS), LONGEST_AWAY_MS) : 0;
      const pause = delay(awayMs || LOOK_EVERY_MS, undefined, { signal: stopping.signal }).catch(
        () => undefined,
      );
      // New e-mails do not bring an absent server back.
      await (isAway ? pause : Promise.race([pause, woken.promise]));
      woken = Promise.withResolvers<void>();
    }
  };

  const running = run();
  return {
    wake: () => woken.resolve(),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** @returns whether the server turned out to be away */
async function sendAllDue(
  parts: { store: EmailStore; smtp: Smtp; compose: Compose; log: Log },
  workers: number,
  signal: AbortSignal,
): Promise<boolean> {
  let isAway = false;
  const work = async (): Promise<void> => {
    while (!isAway && !signal.aborted) {
      const email = await parts.store.claim(new Date());
      if (!email) return;
      if (await attempt(parts, email)) isAway = true;
    }
  };
  // All of them, also when one fails: whoever waits for this may close the database next.
  const ended = await Promise.allSettled(Array.from({ length: workers }, work));
  const failed = ended.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return isAway;
}

async function attempt(
  { store, smtp, compose, log }: { store: EmailStore; smtp: Smtp; compose: Compose; log: Log },
  email: Email,
): Promise<boolean> {
  const renewing = setInterval(() => {
    store.renew(email._id, new Date()).catch((err: unknown) => log.warn({ err }, 'lease not renewed'));
  }, LEASE_MS / 3);
  let outcome: Outcome;
  let isAway = false;
  try {
    const content = await compose(email);
    if (content) await smtp.send(email, content);
    outcome = content
      ? { status: 'sent', error: null, counts: true }
      : { status: 'cancelled', error: 'the user is gone or has another address', counts: false };
  } catch (err) {
    isAway = err instanceof SmtpError && err.fault === 'away';
    outcome = outcomeOf(err, email, new Date());
    log.warn({ err, email_id: email._id, kind: email.kind, status: outcome.status }, 'e-mail did not go out');
  } finally {
    clearInterval(renewing);
  }
  await store.record(email._id, outcome, new Date());
  if (outcome.status === 'sent') log.info({ email_id: email._id, kind: email.kind }, 'e-mail sent');
  return isAway;
}

function outcomeOf(err: unknown, email: Email, now: Date): Outcome {
  const error = err instanceof Error ? err.message : String(err);
  const later = (ms: number) => new Date(now.getTime() + ms);
  if (err instanceof SmtpError && err.fault === 'away') {
    return { status: 'queued', error, dueAt: now, counts: false };
  }
  if (isServiceAway(err)) {
    return { status: 'queued', error, dueAt: later(AUTH_AWAY_DELAY_MS), counts: false };
  }
  const refused = err instanceof SmtpError && err.fault === 'refused';
  if (refused || email.attempts + 1 >= ATTEMPTS) return { status: 'failed', error, counts: true };
  const delayMs = Math.min(FIRST_DELAY_MS * GROWTH ** email.attempts, LONGEST_DELAY_MS);
  return { status: 'queued', error, dueAt: later(delayMs), counts: true };
}
