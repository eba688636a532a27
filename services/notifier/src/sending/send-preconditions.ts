import type { Collection } from 'mongodb';
import { type Email, GONE, leaseEnd, type Outcome } from '../emails/email.ts';
import type { createRecipientQueue } from './recipient-queue.ts';

const CLOCKS_DIFFER_MS = 60_000;

/** What is asked of the other e-mails before one goes out. */
export function createSendPreconditions(
  emails: Collection<Email>,
  line: ReturnType<typeof createRecipientQueue>,
) {
  /** Whether the user whom an e-mail is for has been told farewell. */
  const isGone = async ({ user_id, kind }: Email): Promise<boolean> => {
    if (user_id === null || kind === 'farewell') return false;
    return (await emails.findOne({ user_id, kind: 'farewell' })) !== null;
  };

  /** Of sent e-mails `due_at` is when they were; an engine may answer an open range by reading everything. */
  const sentAfter = (since: Date) => ({
    status: 'sent' as const,
    due_at: { $gt: since, $lt: new Date(Date.now() + CLOCKS_DIFFER_MS) },
  });

  const lastAlike = async ({ to, kind }: Email, since: Date): Promise<Date | null> => {
    // An admin asks for each test e-mail.
    if (kind === 'test') return null;
    const alike = await emails.findOne({ to, kind, ...sentAfter(since) }, { sort: { due_at: -1 } });
    return alike?.sent_at ?? null;
  };

  return {
    isGone,

    /**
     * What keeps an e-mail in hand from going out right now; asked last of all, in one round trip.
     * @param pauseMs between two e-mails of a kind to one address
     */
    async obstacleTo(email: Email, pauseMs: number, now: Date): Promise<Outcome | undefined> {
      const [place, gone, last] = await Promise.all([
        line.placeOf(email, now),
        isGone(email),
        lastAlike(email, new Date(now.getTime() - pauseMs)),
      ]);
      const stays = { status: 'queued', error: email.last_error, counts: false } as const;
      if (place === 'lost') return stays;
      if (gone) return { status: 'cancelled', error: GONE, counts: false };
      // It is called; but who should call it may have died.
      if (place === 'waits') return { ...stays, waits: true, dueAt: leaseEnd(now) };
      if (!last) return undefined;
      const err = `one of this kind was sent within ${pauseMs / 1000} s`;
      return { ...stays, error: err, dueAt: new Date(last.getTime() + pauseMs) };
    },

    /** Whether any e-mail has gone out since. */
    async isSentSince(since: Date): Promise<boolean> {
      return (await emails.findOne(sentAfter(since))) !== null;
    },
  };
}
