/** Knows how far a watch has come, and notices when it comes no further. */
export type SilenceCheck = {
  /** An entry of this revision has come. */
  saw(revision: number): void;
  /** Everything has come that there was when the watch began. */
  complete(): void;
  /** Whether it has not come as far as the bucket was at the look before, and not a step further since. */
  isSilent(newest: number): boolean;
  /** Whether the bucket's newest revision is one that has been before: what came then is not in it. */
  wentBack(newest: number): boolean;
};

/**
 * A broker of a cluster that dies takes the watches with it that it served, and tells nobody: a client that is connected to
 * another server would not notice. So at every look at the bucket its newest revision is compared with what has come.
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
