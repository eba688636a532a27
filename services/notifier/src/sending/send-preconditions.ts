import type { Collection } from 'mongodb';
import { type Email, GONE, leaseEnd, type Outcome } from '../emails/email.ts';
import type { createRecipientQueue } from './recipient-queue.ts';

const CLOCKS_DIFFER_MS = 60_000;

export function createSendPreconditions(
  emails: Collection<Email>,
  queue: ReturnType<typeof createRecipientQueue>,
) {
  /** A farewell shows that the user is gone. */
  const isGone = async ({ user_id, kind }: Email): Promise<boolean> => {
    if (user_id === null || kind === 'farewell') return false;
    return (await emails.findOne({ user_id, kind: 'farewell' })) !== null;
  };

  /** `due_at` is the time of sending. With an open range an engine may read everything. */
  const sentAfter = (since: Date) => ({
    status: 'sent' as const,
    due_at: { $gt: since, $lt: new Date(Date.now() + CLOCKS_DIFFER_MS) },
  });

  const lastAlike = async ({ to, kind }: Email, since: Date): Promise<Date | null> => {
    // Test e-mails have no pause: an admin asks for each.
    if (kind === 'test') return null;
    // The index has no kind, and with a condition outside it an engine may read everything.
    const sent = await emails.find({ to, ...sentAfter(since) }, { sort: { due_at: -1 } }).toArray();
    return sent.find((email) => email.kind === kind)?.sent_at ?? null;
  };

  return {
    isGone,

    /** This is the last check, in one round trip. */
    async reasonNotToSend(email: Email, pauseMs: number, now: Date): Promise<Outcome | undefined> {
      const [position, userIsGone, lastSentAt] = await Promise.all([
        queue.positionOf(email, now),
        isGone(email),
        lastAlike(email, new Date(now.getTime() - pauseMs)),
      ]);
      return outcomeBefore({ position, userIsGone, lastSentAt }, email, pauseMs, now);
    },

    async isSentSince(since: Date): Promise<boolean> {
      return (await emails.findOne(sentAfter(since))) !== null;
    },
  };
}

type Findings = {
  position: 'first' | 'waits' | 'lost';
  userIsGone: boolean;
  /** Null means that no e-mail of the kind was sent to the address within the pause. */
  lastSentAt: Date | null;
};

/** Returns undefined when the e-mail is to be sent now. */
export function outcomeBefore(
  { position, userIsGone, lastSentAt }: Findings,
  email: Email,
  pauseMs: number,
  now: Date,
): Outcome | undefined {
  const stays = { status: 'queued', error: email.last_error, counts: false } as const;
  if (position === 'lost') return stays;
  if (userIsGone) return { status: 'cancelled', error: GONE, counts: false };
  // The one before it wakes the e-mail; if that one's process has died, the e-mail is due at this time.
  if (position === 'waits') return { ...stays, waits: true, dueAt: leaseEnd(now) };
  if (!lastSentAt) return undefined;
  const error = `one of this kind was sent within ${pauseMs / 1000} s`;
  return { ...stays, error, dueAt: new Date(lastSentAt.getTime() + pauseMs) };
}
