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

/** Opens the collection, which is also the queue, and makes its indexes. */
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
  const queue = createRecipientQueue(emails);
  const preconditions = createSendPreconditions(emails, queue);
  const cancelIfSuperseded = async (email: Email, now: Date): Promise<void> => {
    if (await preconditions.isGone(email)) await queue.cancel(email, GONE, now);
    else await queue.cancelDuplicates(email, now);
  };

  return {
    reasonNotToSend: preconditions.reasonNotToSend,
    isSentSince: preconditions.isSentSince,

    /** @returns false when this e-mail is stored already */
    async add(email: Email, now: Date): Promise<boolean> {
      const isNew = await insertOnce(emails, email);
      // After the insert: a farewell's process also cancels after its own, so one of the two sees the other. Also for a
      // stored e-mail, since the process that inserted it may have died before this line.
      await cancelIfSuperseded(email, now);
      return isNew;
    },

    /** Stores an e-mail that is leased to this process already. */
    async insertLeased(email: Email): Promise<void> {
      await emails.insertOne(email);
    },

    /** Leases the e-mail that has been due for longest to this process. */
    async claim(now: Date): Promise<Email | null> {
      return emails.findOneAndUpdate(
        { status: 'queued', due_at: { $gt: new Date(0), $lte: now } },
        { $set: { due_at: leaseEnd(now), held_by: randomUUID() } },
        { sort: { due_at: 1 }, returnDocument: 'after' },
      );
    },

    async renew({ _id, held_by }: Email, now: Date): Promise<void> {
      await emails.updateOne({ _id, held_by }, { $set: { due_at: leaseEnd(now) } });
    },

    /** Records the outcome of a leased e-mail, and wakes the next one to its address. */
    async record(email: Email, outcome: Outcome, now: Date): Promise<void> {
      const { _id, to, held_by, attempts } = email;
      const { status, error, counts, dueAt = now, awayAt, waits = false } = outcome;
      // An e-mail that went out is sent, also when its lease is another process's by now.
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
      // Other processes do not cancel a leased e-mail.
      if (status === 'queued') await cancelIfSuperseded(email, now);
      await queue.wakeOldest(to, now);
    },

    /** Cancels the queued e-mails of a deleted user, except the farewell. */
    async cancelFor(userId: string, now: Date): Promise<void> {
      const waiting = await emails.find({ user_id: userId, status: 'queued' }).toArray();
      for (const email of waiting) if (email.kind !== 'farewell') await queue.cancel(email, GONE, now);
    },

    /** Queues a failed e-mail again. @returns false when there is no failed e-mail with this id */
    async retry(id: string, waitingFor: string | null, now: Date): Promise<boolean> {
      const reason = waitingFor === null ? {} : { last_error: waitingFor };
      const { matchedCount } = await emails.updateOne(
        { _id: id, status: 'failed' },
        { $set: { status: 'queued', due_at: now, away_at: null, updated_at: now, ...reason } },
      );
      return matchedCount > 0;
    },

    /** Writes into all queued e-mails why they wait. */
    async explainWaiting(reason: string): Promise<void> {
      await emails.updateMany({ status: 'queued' }, { $set: { last_error: reason } });
    },

    async find(id: string): Promise<Email | null> {
      return emails.findOne({ _id: id });
    },

    /** Brings addresses that an earlier release stored into their normal form. */
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
      // Without a filter, or with an open range, an engine may read the whole collection to sort it.
      return findPage(emails, wanted ? filter : { created_at: { $gt: new Date(0), $lt: END_OF_TIME } }, page);
    },
  };
}

const END_OF_TIME = new Date(8.64e15);
