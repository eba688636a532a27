import * as z from 'zod';

/** `revision` grows with every change of the user's document; the entry with the greatest one is valid. */
export const revocation = z.object({
  revision: z.number(),
  /** Tokens of a lesser version are revoked, except those of `sparedSession`. */
  version: z.number(),
  sparedSession: z.string().nullable(),
  isActive: z.boolean(),
  isSuperuser: z.boolean(),
  deleted: z.boolean(),
});

export type Revocation = z.output<typeof revocation>;

export type RevocationView = {
  get(userId: string): Revocation | undefined;
  /** It tells whether the session was logged out. */
  hasEnded(sessionId: string): boolean;
  /** Revocations before this time, in seconds since the epoch, are not known. */
  knownSince(): number;
};

/** `until` is when an entry's last token expires, in seconds since the epoch (NumericDate, RFC 7519). */
export type RevocationMap = RevocationView & {
  apply(userId: string, entry: Revocation, until: number): void;
  endSession(sessionId: string, until: number): void;
  forget(userId: string): void;
  /** It returns when the last token of a session that was logged out expires. */
  endOf(sessionId: string): number | undefined;
  /** An earlier moment changes nothing. */
  begin(since: number): void;
  /** Each call checks a part of the map. */
  forgetExpired(now: number): void;
  size(): { user: number; session: number };
};

/** Whose tokens may be worth something else now; `since`: everybody's. */
export type RevocationChange = { userId: string } | { sessionId: string } | { since: number };

/** Checking a million entries in one call would delay requests for tens of milliseconds. */
const LOOKED_AT = 2_000;

/** Creates an empty copy; entries may be applied in any order, and the greatest revision of a user stays. */
export function createRevocationMap(
  changed: (what: RevocationChange) => void = () => undefined,
): RevocationMap {
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
      if (known && known.revision >= entry.revision) {
        // The same entry may come with the life of longer tokens.
        if (known.revision === entry.revision) known.until = Math.max(known.until, until);
        return;
      }
      const { revision, version, sparedSession, isActive, isSuperuser, deleted } = entry;
      // Listed one by one they take 80 bytes; a spread object takes more in V8.
      const kept = { revision, version, sparedSession, isActive, isSuperuser, deleted, until };
      users.set(ownCopy(userId), kept);
      changed({ userId });
    },
    endSession(sessionId, until) {
      // A watch that begins again repeats all entries.
      const isNew = !sessions.has(sessionId);
      sessions.set(ownCopy(sessionId), until);
      if (isNew) changed({ sessionId });
    },
    forget: (userId) => void users.delete(userId),
    endOf: (sessionId) => sessions.get(sessionId),
    begin(from) {
      if (from <= since) return;
      since = from;
      changed({ since });
    },
    forgetExpired(now) {
      oldUsers(now);
      oldSessions(now);
    },
    size: () => ({ user: users.size, session: sessions.size }),
  };
}

/** A slice of a message's subject would keep the whole subject in memory. */
const ownCopy = (id: string): string => Buffer.from(id).toString();

function createRound<T>(entries: Map<string, T>, untilOf: (entry: T) => number): (now: number) => void {
  // A map's iterator stays valid while entries change.
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
