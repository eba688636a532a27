import type { RevocationPublisher } from '@quartet/common/events/kv/revocation-bucket.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import type { RevocationMap } from '@quartet/common/tokens/revocations.ts';
import type { User } from '../users/user.ts';
import { endedSessions, REVOKING_EVENTS, revocationOf } from '../users/user-sessions.ts';
import type { UserStore } from '../users/user-store.ts';

export type Revoker = {
  /** Revokes in this process, with or without the broker. */
  apply(user: User): void;
  /** Revokes in every process. @throws when the broker is away */
  publish(user: User): Promise<void>;
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
    for (const { sessionId, expiresAt } of endedSessions(user)) revocations.endSession(sessionId, expiresAt);
  };
  return {
    apply,
    async publish(user) {
      apply(user);
      const revocation = revocationOf(user);
      if (revocation) await publisher.user(user._id.toHexString(), revocation);
      for (const { sessionId, expiresAt } of endedSessions(user)) {
        await publisher.session(sessionId, expiresAt);
      }
    },
  };
}

/** A logout that was answered must hold after any restart. */
export async function revokeWhatWaits(store: UserStore, revoker: Revoker, log: Log): Promise<void> {
  let isBrokerThere = true;
  for await (const user of store.withWaiting(REVOKING_EVENTS)) {
    revoker.apply(user);
    if (!isBrokerThere) continue;
    await revoker.publish(user).catch((err: unknown) => {
      // The sweep publishes this one and the following ones later.
      isBrokerThere = false;
      log.warn({ err }, 'revocations in outboxes could not be published yet');
    });
  }
}
