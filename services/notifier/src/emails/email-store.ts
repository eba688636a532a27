import { randomUUID } from 'node:crypto';
import { findPage, insertOnce, newestFirst } from '@quartet/common/database/database.ts';
import { MAY_LACK_FORM } from '@quartet/common/database/earlier-addresses.ts';
import { normalizeEmail, storedAs } from '@quartet/common/http/input/email-address.ts';
import type { Page } from '@quartet/common/http/input/fields.ts';
import type { Collection, Db } from 'mongodb';
import { createRecipientQueue } from '../sending/recipient-queue.ts';
import { createSendPreconditions } from '../sending/send-preconditions.ts';
import { type Email, type EmailStatus, GONE, leaseEnd, type Outcome } from './email.ts';

export type EmailStore = Awaited<ReturnType<typeof openEmailStore>>;

/** Opens the collection, which is the queue as well, and sees to its indexes. */
export async function openEmailStore(db: Db) {
  const emails: Collection<Email> = db.collection('emails');
  await emails.createIndexes([
    { key: { status: 1, due_at: 1 } },
    { key: { to: 1, status: 1, due_at: 1 } },
    { key: { user_id: 1, kind: 1 } },
    { key: newestFirst },
    { key: { status: 1, ...newestFirst } },
    { key: { to: 1, ...newestFirst } },
  ]);
  const line = createRecipientQueue(emails);
  const hurdles = createSendPreconditions(emails, line);
  const cancelIfNeedless = async (email: Email, now: Date): Promise<void> => {
    if (await hurdles.isGone(email)) await line.cancel(email, GONE, now);
    else await line.cancelDoubles(email, now);
  };

  return {
    obstacleTo: hurdles.obstacleTo,
    isSentSince: hurdles.isSentSince,

    /** @returns false when this e-mail is known already */
    async add(email: Email, now: Date): Promise<boolean> {
      const isNew = await insertOnce(emails, email);
      // After the insert, as a farewell cancels after its own: one of the two sees the other. Also for a known one:
      // who inserted it may have died before this.
      await cancelIfNeedless(email, now);
      return isNew;
    },

    /** Keeps an e-mail that its maker has in hand already. */
    async insertHeld(email: Email): Promise<void> {
      await emails.insertOne(email);
    },

    /** Takes the e-mail that has been due for longest and leases it to this process. */
    async claim(now: Date): Promise<Email | null> {
      return emails.findOneAndUpdate(
        { status: 'queued', due_at: { $gt: new Date(0), $lte: now } },
        { $set: { due_at: leaseEnd(now), held_by: randomUUID() } },
        { sort: { due_at: 1 }, returnDocument: 'after' },
      );
    },

    /** Keeps an e-mail in hand for another lease. */
    async renew({ _id, held_by }: Email, now: Date): Promise<void> {
      await emails.updateOne({ _id, held_by }, { $set: { due_at: leaseEnd(now) } });
    },

    /** Records what became of an e-mail in hand, and calls the next to its address. */
    async record(email: Email, outcome: Outcome, now: Date): Promise<void> {
      const { _id, to, held_by, attempts } = email;
      const { status, error, counts, dueAt = now, awayAt, waits = false } = outcome;
      // What went out is sent, also when another process has it in hand by now.
      await emails.updateOne(status === 'sent' ? { _id } : { _id, status: 'queued', held_by }, {
        $set: {
          status,
          last_error: error,
          attempts: attempts + (counts ? 1 : 0),
          held_by: null,
          waits,
          due_at: dueAt,
          updated_at: now,
          ...(status === 'sent' && { sent_at: now }),
          ...(awayAt && { away_at: awayAt }),
        },
      });
      // While it was in hand it was left alone.
      if (status === 'queued') await cancelIfNeedless(email, now);
      await line.call(to, now);
    },

    /** Cancels what waits for a user who is gone, but for the e-mail that says so. */
    async cancelFor(userId: string, now: Date): Promise<void> {
      const waiting = await emails.find({ user_id: userId, status: 'queued' }).toArray();
      for (const email of waiting) if (email.kind !== 'farewell') await line.cancel(email, GONE, now);
    },

    /** Puts a failed e-mail into the queue again. @returns false when there is none that has failed */
    async retry(id: string, waitingFor: string | null, now: Date): Promise<boolean> {
      const reason = waitingFor === null ? {} : { last_error: waitingFor };
      const { matchedCount } = await emails.updateOne(
        { _id: id, status: 'failed' },
        { $set: { status: 'queued', due_at: now, away_at: null, updated_at: now, ...reason } },
      );
      return matchedCount > 0;
    },

    /** Writes to all waiting e-mails why they wait. */
    async explainWaiting(reason: string): Promise<void> {
      await emails.updateMany({ status: 'queued' }, { $set: { last_error: reason } });
    },

    async find(id: string): Promise<Email | null> {
      return emails.findOne({ _id: id });
    },

    /** Brings addresses that an earlier release stored into the form. */
    async respell(signal: AbortSignal): Promise<void> {
      const perhaps = emails.find({ to: MAY_LACK_FORM }, { projection: { to: 1 } });
      for await (const { to } of perhaps) {
        if (signal.aborted) return;
        const form = normalizeEmail(to);
        if (form !== to) await emails.updateMany({ to }, { $set: { to: form } });
      }
    },

    async countByStatus(): Promise<Record<EmailStatus, number>> {
      const count = (status: EmailStatus) => emails.countDocuments({ status });
      const [queued, sent, failed, cancelled] = await Promise.all([
        count('queued'),
        count('sent'),
        count('failed'),
        count('cancelled'),
      ]);
      return { queued, sent, failed, cancelled };
    },

    /** Newest first. */
    list({ status, to }: { status?: EmailStatus | undefined; to?: string | undefined }, page: Page) {
      const [stored, ...others] = to === undefined ? [undefined] : storedAs(to);
      const filter = { status, to: stored && others.length > 0 ? { $in: [stored, ...others] } : stored };
      const wanted = Object.values(filter).some((value) => value !== undefined);
      // An engine may read everything to sort without a filter, or with one that is open at an end.
      return findPage(emails, wanted ? filter : { created_at: { $gt: new Date(0), $lt: END_OF_TIME } }, page);
    },
  };
}

const END_OF_TIME = new Date(8.64e15);
