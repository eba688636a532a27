import { isDuplicateKey } from '@quartet/common/database.ts';
import type { Collection, Db } from 'mongodb';
import type { MailKind } from './mail/mail-kinds.ts';

/** `cancelled`: its user is gone. */
export type EmailStatus = 'queued' | 'sent' | 'failed' | 'cancelled';

/** An e-mail as stored: neither its body nor its link. `_id` is its event's id, so an event makes one e-mail only. */
export type Email = {
  _id: string;
  kind: MailKind;
  to: string;
  /** The user it is about; null for a test e-mail. */
  user_id: string | null;
  subject: string;
  status: EmailStatus;
  attempts: number;
  last_error: string | null;
  /** When a queued e-mail is next tried; in the future also while a process has it in hand. */
  due_at: Date;
  created_at: Date;
  updated_at: Date;
  sent_at: Date | null;
};

/** What became of an attempt. `counts` is false when the e-mail was not to blame. */
export type Outcome = { status: EmailStatus; error: string | null; dueAt?: Date; counts: boolean };

/** How long a process has an e-mail to itself; it renews this while it sends. */
export const LEASE_MS = 60_000;

export type EmailStore = Awaited<ReturnType<typeof openEmailStore>>;

/** Opens the collection, which is the queue as well, and sees to its indexes. */
export async function openEmailStore(db: Db) {
  const emails: Collection<Email> = db.collection('emails');
  await emails.createIndexes([{ key: { status: 1, due_at: 1 } }, { key: { user_id: 1, status: 1 } }]);

  return {
    /** @returns false when this e-mail is known already */
    async insert(email: Email): Promise<boolean> {
      try {
        await emails.insertOne(email);
        return true;
      } catch (err) {
        if (isDuplicateKey(err)) return false;
        throw err;
      }
    },

    /** Takes the e-mail that has been due for longest and leases it to this process. */
    async claim(now: Date): Promise<Email | null> {
      return emails.findOneAndUpdate(
        { status: 'queued', due_at: { $gt: new Date(0), $lte: now } },
        { $set: { due_at: leaseEnd(now) } },
        { sort: { due_at: 1 }, returnDocument: 'after' },
      );
    },

    /** Keeps an e-mail in hand for another lease. */
    async renew(id: string, now: Date): Promise<void> {
      await emails.updateOne({ _id: id, status: 'queued' }, { $set: { due_at: leaseEnd(now) } });
    },

    /** Records an attempt, unless the e-mail was cancelled meanwhile. */
    async record(id: string, { status, error, dueAt, counts }: Outcome, now: Date): Promise<void> {
      const sent = status === 'sent' ? { sent_at: now } : {};
      const due = dueAt ? { due_at: dueAt } : {};
      await emails.updateOne(
        { _id: id, status: 'queued' },
        {
          $set: { status, last_error: error, updated_at: now, ...sent, ...due },
          $inc: { attempts: counts ? 1 : 0 },
        },
      );
    },

    /** Cancels what waits for a user who is gone, but for the e-mail that says so. */
    async cancelFor(userId: string, farewellId: string, now: Date): Promise<void> {
      await emails.updateMany(
        { user_id: userId, status: 'queued', _id: { $ne: farewellId } },
        { $set: { status: 'cancelled', last_error: 'the user is gone', updated_at: now } },
      );
    },

    /** Writes to all waiting e-mails why they wait. */
    async explainWaiting(reason: string): Promise<void> {
      await emails.updateMany({ status: 'queued' }, { $set: { last_error: reason } });
    },
  };
}

export const leaseEnd = (now: Date): Date => new Date(now.getTime() + LEASE_MS);
