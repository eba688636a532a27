import { randomUUID } from 'node:crypto';
import { updateIf } from '@quartet/common/database/conditional-update.ts';
import { findPage, insertOnce, newestFirst } from '@quartet/common/database/database.ts';
import { MAY_LACK_FORM } from '@quartet/common/database/earlier-addresses.ts';
import { textBefore } from '@quartet/common/database/engine.ts';
import { backlogOf } from '@quartet/common/events/status/backlog.ts';
import { normalizeEmail, storedAs } from '@quartet/common/http/input/email-address.ts';
import type { Page } from '@quartet/common/http/input/fields.ts';
import type { Collection, Db, Document, Filter } from 'mongodb';
import { createRecipientQueue } from '../sending/recipient-queue.ts';
import { createSendPreconditions } from '../sending/send-preconditions.ts';
import { type Email, type EmailStatus, GONE, leaseEnd, type Outcome } from './email.ts';

export type EmailStore = Awaited<ReturnType<typeof openEmailStore>>;

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

    /** Returns false when this e-mail is stored already. */
    async add(email: Email, now: Date): Promise<boolean> {
      const isNew = await insertOnce(emails, email);
      // A farewell also cancels after its insert, so that one of two processes sees the other's e-mail.
      await cancelIfSuperseded(email, now);
      return isNew;
    },

    async insertLeased(email: Email): Promise<void> {
      await emails.insertOne(email);
    },

    async claim(now: Date): Promise<Email | null> {
      const due = { status: 'queued', due_at: { $gt: new Date(0), $lte: now } } as const;
      for (;;) {
        const found = await emails.find(due, { sort: { due_at: 1 }, limit: CLAIMABLE }).toArray();
        if (found.length === 0) return null;
        for (const email of found) {
          const { _id, status, due_at, held_by } = email;
          const lease = { due_at: leaseEnd(now), held_by: randomUUID() };
          // Another process may have claimed it meanwhile.
          if (await updateIf(emails, _id, { status, due_at, held_by }, { set: lease })) {
            return { ...email, ...lease };
          }
        }
      }
    },

    async renew({ _id, held_by }: Email, now: Date): Promise<void> {
      await updateIf(emails, _id, { held_by }, { set: { due_at: leaseEnd(now) } });
    },

    /** This also wakes the next e-mail to the address. */
    async record(email: Email, outcome: Outcome, now: Date): Promise<void> {
      const { _id, to, held_by, attempts } = email;
      const { status, error, counts, dueAt = now, awayAt, waits = false } = outcome;
      const set = {
        status,
        last_error: error,
        attempts: attempts + (counts ? 1 : 0),
        held_by: null,
        waits,
        due_at: dueAt,
        updated_at: now,
        ...(status === 'sent' && { sent_at: now }),
        ...(awayAt && { away_at: awayAt }),
      };
      // An e-mail that was sent is sent, even when another process has its lease by now.
      if (status === 'sent') await emails.updateOne({ _id }, { $set: set });
      else await updateIf(emails, _id, { status: 'queued', held_by }, { set });
      // Other processes do not cancel a leased e-mail.
      if (status === 'queued') await cancelIfSuperseded(email, now);
      await queue.wakeOldest(to, now);
    },

    async cancelFor(userId: string, now: Date): Promise<void> {
      // The index has the kind after the user.
      const filter: Filter<Document> = { user_id: userId, kind: textBefore('~') };
      const ofUser = await emails.find(filter as Filter<Email>).toArray();
      const waiting = ofUser.filter(({ status, kind }) => status === 'queued' && kind !== 'farewell');
      for (const email of waiting) await queue.cancel(email, GONE, now);
    },

    async retry(id: string, waitingFor: string | null, now: Date): Promise<boolean> {
      const reason = waitingFor === null ? {} : { last_error: waitingFor };
      const set = { due_at: now, away_at: null, updated_at: now, ...reason };
      return updateIf(emails, id, { status: 'failed' }, { set: { status: 'queued', ...set } });
    },

    async explainWaiting(reason: string): Promise<void> {
      await emails.updateMany({ status: 'queued' }, { $set: { last_error: reason } });
    },

    async find(id: string): Promise<Email | null> {
      return emails.findOne({ _id: id });
    },

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

    /** The e-mails that have neither gone out nor been given up. */
    async backlog() {
      const filter = { status: 'queued' } as const;
      const [waiting, oldest] = await Promise.all([
        emails.countDocuments(filter),
        emails.findOne(filter, { sort: { created_at: 1, _id: 1 }, projection: { created_at: 1 } }),
      ]);
      return backlogOf(waiting, oldest?.created_at ?? null);
    },

    list({ status, to }: { status?: EmailStatus | undefined; to?: string | undefined }, page: Page) {
      const [stored, ...others] = to === undefined ? [undefined] : storedAs(to);
      const filter = { status, to: stored && others.length > 0 ? { $in: [stored, ...others] } : stored };
      const hasFilter = Object.values(filter).some((value) => value !== undefined);
      // Without a filter or with an open range, an engine may read the whole collection to sort it.
      return findPage(
        emails,
        hasFilter ? filter : { created_at: { $gt: new Date(0), $lt: END_OF_TIME } },
        page,
      );
    },
  };
}

/** Processes that claim at the same time find the same e-mails. */
const CLAIMABLE = 10;
const END_OF_TIME = new Date(8.64e15);
