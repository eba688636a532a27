import { setTimeout as delay } from 'node:timers/promises';
import type { EventContext } from '@quartet/common/events/envelope.ts';
import type { OutboxEntry } from '@quartet/common/events/outbox/outbox.ts';
import type { Relay } from '@quartet/common/events/outbox/relay.ts';
import type { ObjectId } from 'mongodb';
import { unknownSession } from '../refusals.ts';
import type { Revoker } from '../tokens/revoker.ts';
import type { User } from '../users/user.ts';
import { ended, isEndedBy, isOver, sessionEnded, sessionIdOf } from './session-rules.ts';
import type { SessionStore } from './session-store.ts';
import type { StoredSession } from './stored-session.ts';

/** The session's document already holds the revocation, so a request waits no longer for it. */
const REVOCATION_WAIT_MS = 250;
const MOST_RACES = 50;

/** Ends sessions, one by one, in every process. */
export function createSessionEndings({
  store,
  relay,
  revoker,
}: {
  store: SessionStore;
  relay: Relay<StoredSession>;
  revoker: Revoker;
}) {
  /** Ends the session in every process. @returns false when another write came first */
  async function end(read: StoredSession, event: OutboxEntry, now: Date): Promise<boolean> {
    const tombstone = ended(read, event, now);
    if (!(await store.replace(read, tombstone))) return false;
    revoker.applySession(tombstone);
    await Promise.race([relay.publish(tombstone), delay(REVOCATION_WAIT_MS, undefined, { ref: false })]);
    return true;
  }

  /** Ends the session of this id if `isMeant`. @returns false when there is none, or it has ended */
  async function endById(
    id: ObjectId,
    isMeant: (session: StoredSession) => boolean,
    context: EventContext,
  ): Promise<boolean> {
    for (let race = 0; race < MOST_RACES; race += 1) {
      const read = await store.find(id);
      if (!read || isOver(read, context.now) || !isMeant(read)) return false;
      if (await end(read, sessionEnded(read, context), context.now)) return true;
    }
    throw new Error(`session ${id.toHexString()} changed ${MOST_RACES} times while it was ended`);
  }

  return {
    end,

    /** @throws {AppError} 404 when the user has no such session, or it has ended */
    async endOne(user: User, id: string, context: EventContext): Promise<void> {
      const sessionId = sessionIdOf(id);
      const isMeant = (session: StoredSession) =>
        session.user_id.equals(user._id) && !isEndedBy(user, session);
      if (!sessionId || !(await endById(sessionId, isMeant, context))) throw unknownSession();
    },

    /** @returns false for a session of an earlier release, which has no document */
    async logOut(userId: string, sessionId: string, context: EventContext): Promise<boolean> {
      const id = sessionIdOf(sessionId);
      return id !== undefined && endById(id, ({ user_id }) => user_id.toHexString() === userId, context);
    },

    /** Removes the sessions that a change of the user has ended. */
    async removeEnded(user: User): Promise<void> {
      const ids: ObjectId[] = [];
      for await (const session of store.ofUser(user._id.toHexString())) {
        // A tombstone is removed when its event is published.
        if (isEndedBy(user, session) && !session.deleted_at) ids.push(session._id);
      }
      await store.remove(ids);
    },
  };
}
