import type { Collection, Filter } from 'mongodb';
import type { Email } from '../emails/email.ts';

const DOUBLE = 'another e-mail of this kind was waiting already';

/**
 * The e-mails to one address that are queued: of these only the oldest goes out. Two processes that have one in hand
 * each both look at the line after their claims, so that at least one of them sees the other.
 */
export function createRecipientQueue(emails: Collection<Email>) {
  const lineOf = (to: string): Promise<Email[]> =>
    emails.find({ to, status: 'queued' }, { sort: { order: 1 } }).toArray();

  const isInHand = ({ held_by, due_at }: Email, now: Date): boolean => !!held_by && due_at > now;

  /** Calls the oldest if it waits for no reason any more. */
  const call = async (to: string, now: Date): Promise<void> => {
    const line = await lineOf(to);
    const [oldest] = line;
    if (!oldest?.waits || line.some((email) => isInHand(email, now))) return;
    await emails.updateOne(
      { _id: oldest._id, status: 'queued', waits: true },
      { $set: { waits: false, due_at: now } },
    );
  };

  /** Cancels an e-mail unless it is in hand: whoever has it asks once more, before it goes out and after. */
  const cancel = async ({ _id, to }: Email, reason: string, now: Date): Promise<void> => {
    const inNoHand: Filter<Email> = { $or: [{ held_by: null }, { due_at: { $lte: now } }] };
    const { matchedCount } = await emails.updateOne(
      { _id, status: 'queued', ...inNoHand },
      { $set: { status: 'cancelled', last_error: reason, updated_at: now, held_by: null } },
    );
    if (matchedCount > 0) await call(to, now);
  };

  return {
    call,
    cancel,

    /** Whether an e-mail in hand may go now, must wait for another, or is another's by now. */
    async placeOf({ _id, to, order, held_by }: Email, now: Date): Promise<'first' | 'waits' | 'lost'> {
      const line = await lineOf(to);
      if (!line.some((email) => email._id === _id && email.held_by === held_by)) return 'lost';
      const before = line.find((other) => other._id !== _id && (other.order < order || isInHand(other, now)));
      return before ? 'waits' : 'first';
    },

    /** Of several that wait with the same to say to the same user, the oldest stands for all. */
    async cancelDoubles({ to, user_id, kind }: Email, now: Date): Promise<void> {
      if (user_id === null) return;
      const alike = (await lineOf(to)).filter(
        (email) => email.user_id === user_id && email.kind === kind && !isInHand(email, now),
      );
      for (const double of alike.slice(1)) await cancel(double, DOUBLE, now);
    },
  };
}
