/** Follows how far a watch has come, and notices when it stops. */
export type SilenceCheck = {
  /** An entry of this revision has arrived. */
  saw(revision: number): void;
  /** All entries that existed when the watch began have arrived. */
  complete(): void;
  /** Whether it is behind the revision of the last check, and has received nothing since. */
  isSilent(newest: number): boolean;
  /** Whether the bucket's newest revision is less than before: it has lost entries. */
  wentBack(newest: number): boolean;
};

/**
 * A server of a cluster that dies ends its watches without a message to clients of other servers. So at every check the
 * bucket's newest revision is compared with what has arrived.
 * @param begunAt the bucket's newest revision right before the watch began; it may have been removed since
 */
export function createSilenceCheck(begunAt: number): SilenceCheck {
  let seen = 0;
  let before = { seen, newest: 0 };
  return {
    saw(revision) {
      seen = Math.max(seen, revision);
    },
    complete() {
      seen = Math.max(seen, begunAt);
    },
    isSilent(newest) {
      const isSilent = seen < before.newest && seen === before.seen;
      before = { seen, newest };
      return isSilent;
    },
    wentBack: (newest) => newest < Math.max(begunAt, before.seen),
  };
}
