import { setTimeout as delay } from 'node:timers/promises';
import { createKeyedQueue } from '@quartet/common/concurrency/keyed-queue.ts';
import type { AppError } from '@quartet/common/errors.ts';
import { refuseFullOutbox } from '@quartet/common/events/outbox/outbox.ts';
import type { Relay } from '@quartet/common/events/outbox/relay.ts';
import { retryLostRaces } from '@quartet/common/events/outbox/revised-writes.ts';
import type { Revoker } from '../tokens/revoker.ts';
import type { User, UserChange } from './user.ts';
import { endsTokens } from './user-sessions.ts';
import type { UserStore } from './user-store.ts';
import { changeOf, type UserWrite } from './user-write.ts';

export type UserWriter = {
  /** `decide` runs again after a lost race; it returns undefined to write nothing. */
  write(
    userId: string,
    missing: () => AppError,
    decide: (read: User) => UserWrite | undefined,
  ): Promise<User>;
  change(
    userId: string,
    missing: () => AppError,
    decide: (read: User) => UserChange | undefined,
  ): Promise<User>;
  publish(user: User): void;
  publishRevocation(user: User): Promise<void>;
};

/** The user's document already holds the revocation, so a request waits no longer for it. */
const REVOCATION_WAIT_MS = 250;
const MOST_WRITES_OF_ONE = 200;

export function createUserWriter(parts: {
  store: UserStore;
  relay: Relay<User>;
  revoker: Revoker;
  passwordSet: (email: string) => Promise<void>;
}): UserWriter {
  const { store, relay, revoker, passwordSet } = parts;
  const queue = createKeyedQueue(MOST_WRITES_OF_ONE);

  const attempt = async (
    userId: string,
    missing: () => AppError,
    decide: (read: User) => UserWrite | undefined,
  ): Promise<User | null> => {
    const read = await store.findById(userId);
    if (!read) throw missing();
    const write = decide(read);
    return write ? store.write(read, write) : read;
  };

  const write: UserWriter['write'] = (userId, missing, decide) =>
    queue(userId, () => retryLostRaces(() => attempt(userId, missing, decide)));

  async function publishRevocation(user: User): Promise<void> {
    revoker.apply(user);
    await Promise.race([relay.publish(user), delay(REVOCATION_WAIT_MS, undefined, { ref: false })]);
  }

  return {
    write,
    async change(userId, missing, decide) {
      let setsPassword = false;
      const user = await write(userId, missing, (read) => {
        const change = decide(read);
        setsPassword = change?.set.hashed_password !== undefined;
        if (!change) return undefined;
        refuseFullOutbox(read, { isUrgent: endsTokens(change) });
        return changeOf(read, change);
      });
      await Promise.all([publishRevocation(user), setsPassword && passwordSet(user.email)]);
      return user;
    },
    publish: (user) => void relay.publish(user),
    publishRevocation,
  };
}
