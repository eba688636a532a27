import { setTimeout as delay } from 'node:timers/promises';
import type { KeyedQueue } from '@quartet/common/concurrency/keyed-queue.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import { inSpan, type Tracing } from '@quartet/common/telemetry/tracing.ts';
import type { Compose } from '../emails/compose.ts';
import type { Email, Outcome } from '../emails/email.ts';
import type { EmailStore } from '../emails/email-store.ts';
import { isLinkKind } from '../emails/rendering/mail-kinds.ts';
import type { MailContent } from '../emails/rendering/render-mail.ts';
import type { Smtp } from '../smtp/smtp.ts';
import { SmtpError } from '../smtp/smtp-fault.ts';
import { whileLeased } from './lease.ts';
import { isServerAway, isUnknown, outcomeOf } from './outcomes.ts';

/** What it takes to send; `sameKindPauseMs` lies between two e-mails of a kind to one address. */
export type SenderParts = {
  store: EmailStore;
  smtp: Smtp;
  compose: Compose;
  sameKindPauseMs: number;
  log: Log;
  tracing: Tracing;
};

/** What an attempt tells of the SMTP server; it may not have been asked at all. */
type Server = 'answered' | 'away' | 'not asked';

const RECORD_AGAIN_MS = 500;

/**
 * Tries to send an e-mail that is in hand, and records what became of it.
 * @param awayPauseMs after which an absent server is asked again
 * @param turn.inTurn of attempts with one e-mail, the later ones wait: it may have gone out by then
 * @param turn.signal breaks off a conversation
 */
export function attempt(
  parts: SenderParts,
  email: Email,
  awayPauseMs: number,
  turn: { inTurn: KeyedQueue; signal: AbortSignal },
): Promise<Server> {
  const { kind, traceparent, attempts } = email;
  const fields = { 'quartet.email.kind': kind, 'quartet.attempt': attempts + 1 };
  const about = { kind: 'internal', parent: { traceparent }, fields } as const;
  return inSpan(parts.tracing, `e-mail ${kind}`, about, () =>
    whileLeased(parts, email, () =>
      turn.inTurn(email._id, async () => {
        const { outcome, server } = await tryToSend(parts, email, awayPauseMs, turn.signal);
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
): Promise<{ outcome: Outcome; server: Server }> {
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

/** The e-mail as it goes out, or why it does not. */
async function prepare(
  { store, compose, sameKindPauseMs }: SenderParts,
  email: Email,
): Promise<MailContent | Outcome> {
  const obstacle = await store.obstacleTo(email, sameKindPauseMs, new Date());
  if (obstacle) return obstacle;
  const content = await compose(email);
  if (!content) {
    return {
      status: 'cancelled',
      error: 'the user is gone, has another address, or the time of the link is over',
      counts: false,
    };
  }
  // It may have taken auth a while to make the link.
  const late = isLinkKind(email.kind) && (await store.obstacleTo(email, sameKindPauseMs, new Date()));
  return late || content;
}

/** What was sent, or may have been, is recorded however long that takes: the e-mail would go out again without a bound. */
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
