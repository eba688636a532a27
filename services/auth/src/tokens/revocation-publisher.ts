import type { RevocationPublisher } from '@quartet/common/events/kv/revocation-bucket.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import type { RevocationMap } from '@quartet/common/tokens/revocations.ts';
import type { User } from '../users/user.ts';
import type { UserStore } from '../users/user-store.ts';
import { endedSessions, REVOKING_EVENTS, revocationOf } from '../users/users.ts';

/** Makes known what the events that wait in a user's outbox say of the user's tokens. */
export type Revoker = {
  /** To this process, at once, whether or not the broker is there to tell the others. */
  revokeHere(user: User): void;
  /**
   * To all of them.
   * @throws when the broker is away
   */
  publish(user: User): Promise<void>;
};

/** @param tokenLifeSeconds how long a revocation must be remembered */
export function createRevoker(
  revocations: RevocationMap,
  publisher: RevocationPublisher,
  tokenLifeSeconds: number,
): Revoker {
  const revokeHere = (user: User): void => {
    const revocation = revocationOf(user);
    const until = Math.ceil(Date.now() / 1000) + tokenLifeSeconds;
    if (revocation) revocations.apply(user._id.toHexString(), revocation, until);
    for (const { sessionId, expiresAt } of endedSessions(user)) revocations.endSession(sessionId, expiresAt);
  };
  return {
    revokeHere,
    async publish(user) {
      revokeHere(user);
      const revocation = revocationOf(user);
      if (revocation) await publisher.user(user._id.toHexString(), revocation);
      for (const { sessionId, expiresAt } of endedSessions(user)) {
        await publisher.session(sessionId, expiresAt);
      }
    },
  };
}

/**
 * Makes known, before this process answers its first request, what one that was killed had not told yet: whoever was
 * answered "Logged out" must be so after any restart.
 */
export async function revokeWhatWaits(store: UserStore, revoker: Revoker, log: Log): Promise<void> {
  let told = true;
  for await (const user of store.withWaiting(REVOKING_EVENTS)) {
    revoker.revokeHere(user);
    if (!told) continue;
    await revoker.publish(user).catch((err: unknown) => {
      // The sweep announces it, and those that follow.
      told = false;
      log.warn({ err }, 'revocations that waited could not be announced yet');
    });
  }
}
