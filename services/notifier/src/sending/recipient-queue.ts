import { updateIf } from '@quartet/common/database/conditional-update.ts';
import type { Collection } from 'mongodb';
import type { Email } from '../emails/email.ts';

const DUPLICATE = 'another e-mail of this kind was waiting already';

/** A process reads this after its lease: of two processes, at least one sees the other's lease. */
export function createRecipientQueue(emails: Collection<Email>) {
  const queuedTo = (to: string): Promise<Email[]> =>
    emails.find({ to, status: 'queued' }, { sort: { order: 1 } }).toArray();

  const isLeased = ({ held_by, due_at }: Email, now: Date): boolean => !!held_by && due_at > now;

  /** Nothing happens while another e-mail to the address is being sent. */
  const wakeOldest = async (to: string, now: Date): Promise<void> => {
    const queued = await queuedTo(to);
    const [oldest] = queued;
    if (!oldest?.waits || queued.some((email) => isLeased(email, now))) return;
    const change = { set: { waits: false, due_at: now } };
    await updateIf(emails, oldest._id, { status: 'queued', waits: true }, change);
  };

  /** A leased e-mail is not cancelled: its process checks again before and after it sends. */
  const cancel = async ({ _id, to }: Email, reason: string, now: Date): Promise<void> => {
    const set = { status: 'cancelled', last_error: reason, updated_at: now, held_by: null } as const;
    for (;;) {
      const email = await emails.findOne({ _id });
      if (email?.status !== 'queued' || isLeased(email, now)) return;
      const { status, held_by, due_at } = email;
      if (await updateIf(emails, _id, { status, held_by, due_at }, { set })) break;
    }
    await wakeOldest(to, now);
  };

  return {
    wakeOldest,
    cancel,

    async positionOf({ _id, to, order, held_by }: Email, now: Date): Promise<'first' | 'waits' | 'lost'> {
      const queued = await queuedTo(to);
      if (!queued.some((email) => email._id === _id && email.held_by === held_by)) return 'lost';
      const earlier = queued.find(
        (other) => other._id !== _id && (other.order < order || isLeased(other, now)),
      );
      return earlier ? 'waits' : 'first';
    },

    async cancelDuplicates({ to, user_id, kind }: Email, now: Date): Promise<void> {
      if (user_id === null) return;
      const alike = (await queuedTo(to)).filter(
        (email) => email.user_id === user_id && email.kind === kind && !isLeased(email, now),
      );
      for (const duplicate of alike.slice(1)) await cancel(duplicate, DUPLICATE, now);
    },
  };
}
