import type { RevocationPublisher } from '@quartet/common/events/kv/revocation-bucket.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import type { RevocationMap } from '@quartet/common/tokens/revocations.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import type { User } from '../users/user.ts';
import { endedSessions, REVOKING_EVENTS, revocationOf } from '../users/user-sessions.ts';
import type { UserStore } from '../users/user-store.ts';

type WithOutbox = Pick<User, 'outbox'>;

export type Revoker = {
  /** Revokes in this process, with or without the broker. */
  apply(user: User): void;
  /** Revokes in every process. @throws when the broker is away */
  publish(user: User): Promise<void>;
  /** Revokes the tokens of an ended session in this process. */
  applySession(session: WithOutbox): void;
  /** Revokes them in every process. @throws when the broker is away */
  publishSession(session: WithOutbox): Promise<void>;
};

export function createRevoker(
  revocations: RevocationMap,
  publisher: RevocationPublisher,
  tokenLifeSeconds: number,
): Revoker {
  const apply = (user: User): void => {
    const revocation = revocationOf(user);
    const until = Math.ceil(Date.now() / 1000) + tokenLifeSeconds;
    if (revocation) revocations.apply(user._id.toHexString(), revocation, until);
    applySession(user);
  };
  const applySession = (session: WithOutbox): void => {
    for (const { sessionId, expiresAt } of endedSessions(session))
      revocations.endSession(sessionId, expiresAt);
  };
  const publishSession = async (session: WithOutbox): Promise<void> => {
    applySession(session);
    for (const { sessionId, expiresAt } of endedSessions(session)) {
      await publisher.session(sessionId, expiresAt);
    }
  };
  return {
    apply,
    async publish(user) {
      apply(user);
      const revocation = revocationOf(user);
      if (revocation) await publisher.user(user._id.toHexString(), revocation);
      await publishSession(user);
    },
    applySession,
    publishSession,
  };
}

/** A logout that was answered must hold after any restart. */
export async function revokeWhatWaits(
  users: UserStore,
  sessions: SessionStore,
  revoker: Revoker,
  log: Log,
): Promise<void> {
  let isBrokerThere = true;
  const publish = async (publishing: () => Promise<void>): Promise<void> => {
    if (!isBrokerThere) return;
    await publishing().catch((err: unknown) => {
      // The sweep publishes this one and the following ones later.
      isBrokerThere = false;
      log.warn({ err }, 'revocations in outboxes could not be published yet');
    });
  };
  for await (const user of users.withWaiting(REVOKING_EVENTS)) {
    revoker.apply(user);
    await publish(() => revoker.publish(user));
  }
  for await (const session of sessions.withWaiting()) {
    revoker.applySession(session);
    await publish(() => revoker.publishSession(session));
  }
}
