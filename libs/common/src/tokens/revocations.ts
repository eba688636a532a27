import * as z from 'zod';

/**
 * What changed about a user since its tokens were issued. `revision` grows with every change of the user’s document; the
 * entry with the greater revision is valid.
 */
export const revocation = z.object({
  revision: z.number(),
  /** Tokens of a lesser version are revoked ... */
  version: z.number(),
  /** ... but for those of this session. */
  sparedSession: z.string().nullable(),
  isActive: z.boolean(),
  isSuperuser: z.boolean(),
  deleted: z.boolean(),
});

/** A value of {@link revocation}. */
export type Revocation = z.output<typeof revocation>;

/** What a token check needs: synchronous look-ups. */
export type RevocationView = {
  get(userId: string): Revocation | undefined;
  /** Whether the session was logged out. */
  hasEnded(sessionId: string): boolean;
  /** Since when revocations are remembered, in seconds since the epoch: of older tokens nothing is known. */
  knownSince(): number;
};

/**
 * This process’s copy of the bucket. `until` is when the last token that an entry concerns expires, in seconds since the
 * epoch (NumericDate, RFC 7519); then the entry is not needed.
 */
export type RevocationMap = RevocationView & {
  apply(userId: string, entry: Revocation, until: number): void;
  endSession(sessionId: string, until: number): void;
  forget(userId: string): void;
  /** When the last token of a session that was logged out expires. */
  endOf(sessionId: string): number | undefined;
  /** Sets since when revocations are known; an earlier moment changes nothing. */
  begin(since: number): void;
  /** Removes expired entries, a part of the map at each call. */
  forgetExpired(now: number): void;
  /** How many entries there are. */
  size(): { user: number; session: number };
};

/** Entries per call: a million at once would delay requests for tens of milliseconds. */
const LOOKED_AT = 2_000;

/** An empty copy; entries may be applied in any order, the greatest revision of a user stays. */
export function createRevocationMap(): RevocationMap {
  const users = new Map<string, Revocation & { until: number }>();
  const sessions = new Map<string, number>();
  const oldUsers = createRound(users, ({ until }) => until);
  const oldSessions = createRound(sessions, (until) => until);
  let since = 0;

  return {
    get: (userId) => users.get(userId),
    hasEnded: (sessionId) => sessions.has(sessionId),
    knownSince: () => since,
    apply(userId, entry, until) {
      const known = users.get(userId);
      if (known && known.revision >= entry.revision) return;
      const { revision, version, sparedSession, isActive, isSuperuser, deleted } = entry;
      // Listed one by one they take 80 bytes; a spread object takes more in V8.
      const kept = { revision, version, sparedSession, isActive, isSuperuser, deleted, until };
      users.set(ownCopy(userId), kept);
    },
    endSession: (sessionId, until) => void sessions.set(ownCopy(sessionId), until),
    forget: (userId) => void users.delete(userId),
    endOf: (sessionId) => sessions.get(sessionId),
    begin(from) {
      since = Math.max(since, from);
    },
    forgetExpired(now) {
      oldUsers(now);
      oldSessions(now);
    },
    size: () => ({ user: users.size, session: sessions.size }),
  };
}

/** A slice of a message’s subject would keep the whole subject in memory. */
const ownCopy = (id: string): string => Buffer.from(id).toString();

/** Removes expired entries of a map, continuing at each call where the last one ended. */
function createRound<T>(entries: Map<string, T>, untilOf: (entry: T) => number): (now: number) => void {
  // A map’s iterator stays valid while entries change.
  let round = entries.entries();
  return (now) => {
    for (let seen = 0; seen < LOOKED_AT; seen += 1) {
      const next = round.next();
      if (next.done) {
        round = entries.entries();
        return;
      }
      const [key, entry] = next.value;
      if (untilOf(entry) <= now) entries.delete(key);
    }
  };
}
