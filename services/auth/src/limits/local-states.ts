/** What this process knows of the keys' states; at most so many, for so long. */
export type LocalStates<S> = {
  get(key: string): S | undefined;
  set(key: string, state: S, now: number): void;
  forget(key: string): void;
  size(): number;
};

/** Those used longest ago go first: a key under attack is used all the time, so a flood of new ones does not push it out. */
export function createLocalStates<S>(most: number, lifeMs: number): LocalStates<S> {
  // A Map keeps the order in which keys were set, which is the order in which they grow old.
  const states = new Map<string, { state: S; setAt: number }>();
  const dropOld = (now: number): void => {
    for (const [key, { setAt }] of states) {
      if (states.size <= most && now - setAt < lifeMs) return;
      states.delete(key);
    }
  };
  return {
    get: (key) => states.get(key)?.state,
    set(key, state, now) {
      states.delete(key);
      states.set(key, { state, setAt: now });
      dropOld(now);
    },
    forget: (key) => void states.delete(key),
    size: () => states.size,
  };
}
