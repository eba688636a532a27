/** Runs work of one key one after the other, in the order of arrival; work of different keys side by side. */
export type Lanes = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Work that fails does not keep what is behind it from its turn. */
export function createLanes(): Lanes {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const before = last.get(key) ?? Promise.resolve();
    const done = before.then(work, work);
    const leave = () => void (last.get(key) === done && last.delete(key));
    last.set(key, done);
    done.then(leave, leave);
    return done;
  };
}
