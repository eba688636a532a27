import * as z from 'zod';

/**
 * What changed about a user since tokens were minted. `revision` grows with every change of the user's document:
 * of two entries the one with the greater revision is true.
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

/** What a token check asks: one map look-up. */
export type RevocationView = { get(userId: string): Revocation | undefined };

/** The bucket's copy in this process's memory. */
export type RevocationMap = RevocationView & {
  apply(userId: string, entry: Revocation): void;
  forget(userId: string): void;
};

/** An empty copy; entries may be applied in any order, the greatest revision of a user stays. */
export function createRevocationMap(): RevocationMap {
  const entries = new Map<string, Revocation>();
  return {
    get: (userId) => entries.get(userId),
    apply(userId, entry) {
      const known = entries.get(userId);
      if (!known || known.revision < entry.revision) entries.set(userId, entry);
    },
    forget(userId) {
      entries.delete(userId);
    },
  };
}
