import { setTimeout as delay } from 'node:timers/promises';
import type { KeyedQueue } from '@quartet/common/concurrency/keyed-queue.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import { inSpan, type Tracing } from '@quartet/common/telemetry/tracing.ts';
import type { ComposeEmail } from '../emails/compose.ts';
import type { Email, Outcome } from '../emails/email.ts';
import type { EmailStore } from '../emails/email-store.ts';
import { mayHaveLink } from '../emails/rendering/email-kinds.ts';
import type { EmailContent } from '../emails/rendering/render-email.ts';
import type { Smtp } from '../smtp/smtp.ts';
import { SmtpError } from '../smtp/smtp-fault.ts';
import { whileLeased } from './lease.ts';
import { isServerAway, isUnknown, outcomeOf } from './outcomes.ts';

/** `sameKindPauseMs` is the pause between two e-mails of a kind to one address. */
export type SenderParts = {
  store: EmailStore;
  smtp: Smtp;
  compose: ComposeEmail;
  sameKindPauseMs: number;
  log: Log;
  tracing: Tracing;
};

type ServerState = 'answered' | 'away' | 'not asked';

const RECORD_AGAIN_MS = 500;

/** `queue` runs the attempts of one e-mail one after the other: an earlier one may have sent it. */
export function attemptToSend(
  parts: SenderParts,
  email: Email,
  awayPauseMs: number,
  options: { queue: KeyedQueue; signal: AbortSignal },
): Promise<ServerState> {
  const { kind, traceparent, attempts } = email;
  const fields = { 'quartet.email.kind': kind, 'quartet.attempt': attempts + 1 };
  const about = { kind: 'internal', parent: { traceparent }, fields } as const;
  return inSpan(parts.tracing, `e-mail ${kind}`, about, () =>
    whileLeased(parts, email, () =>
      options.queue(email._id, async () => {
        const { outcome, server } = await tryToSend(parts, email, awayPauseMs, options.signal);
        await record(parts, email, outcome);
        return server;
      }),
    ),
  );
}

async function tryToSend(
  parts: SenderParts,
  email: Email,
  awayPauseMs: number,
  signal: AbortSignal,
): Promise<{ outcome: Outcome; server: ServerState }> {
  try {
    const prepared = await prepare(parts, email);
    if ('status' in prepared) return { outcome: prepared, server: 'not asked' };
    await parts.smtp.send(email, prepared, signal);
    return { outcome: { status: 'sent', error: null, counts: true }, server: 'answered' };
  } catch (err) {
    const isAway = isServerAway(err);
    const isBlamed = isAway && email.away_at !== null && (await parts.store.isSentSince(email.away_at));
    const now = new Date();
    const askAgainAt = new Date(now.getTime() + awayPauseMs);
    const outcome = outcomeOf(err, email, isBlamed ? 'blamed' : askAgainAt, now);
    const about = { err, email_id: email._id, kind: email.kind, status: outcome.status };
    parts.log.warn(about, 'e-mail did not go out');
    if (isAway) return { outcome, server: isBlamed ? 'not asked' : 'away' };
    if (isUnknown(err)) return { outcome, server: 'away' };
    const isAnswered = err instanceof SmtpError && err.fault !== 'stopped';
    return { outcome, server: isAnswered ? 'answered' : 'not asked' };
  }
}

async function prepare(
  { store, compose, sameKindPauseMs }: SenderParts,
  email: Email,
): Promise<EmailContent | Outcome> {
  const reason = await store.reasonNotToSend(email, sameKindPauseMs, new Date());
  if (reason) return reason;
  const content = await compose(email);
  if (!content) {
    return {
      status: 'cancelled',
      error: 'the user is gone, has another address or needs no link, or the time of the link is over',
      counts: false,
    };
  }
  const late = mayHaveLink(email.kind) && (await store.reasonNotToSend(email, sameKindPauseMs, new Date()));
  return late || content;
}

/** This is tried without end: without the record, the e-mail would be sent again and again. */
async function record({ store, log }: SenderParts, email: Email, outcome: Outcome): Promise<void> {
  const now = new Date();
  for (;;) {
    try {
      await store.record(email, outcome, now);
      break;
    } catch (err) {
      if (!outcome.counts) throw err;
      log.warn({ err, email_id: email._id }, 'an attempt is not recorded yet');
      await delay(RECORD_AGAIN_MS);
    }
  }
  if (outcome.status === 'sent') log.info({ email_id: email._id, kind: email.kind }, 'e-mail sent');
}
