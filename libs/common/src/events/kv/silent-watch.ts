export type SilenceCheck = {
  saw(revision: number): void;
  /** All entries that existed when the watch began have arrived. */
  complete(): void;
  /** Whether the watch is behind the last check's revision, and has received nothing since. */
  isSilent(newest: number): boolean;
  /** Whether the newest revision is lower than before, since the bucket has lost entries. */
  wentBack(newest: number): boolean;
};

/** Detects a watch that its server ended silently; `begunAt` is the newest revision before it began. */
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
