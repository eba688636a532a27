import { createFairSemaphore, type FairSemaphore } from '@quartet/common/concurrency/fair-semaphore.ts';
import { unavailable } from '@quartet/common/errors.ts';

/** Whose work it is, and where they are; what waits of one key is taken from one network after the other. */
export type KeyedPlace = { key: string; network: string; gone?: AbortSignal };

/** Runs work, at most so much of one key at a time; of different keys side by side. */
export type KeyedGates = <T>(place: KeyedPlace, work: () => Promise<T>) => Promise<T>;

/**
 * @param most how many pieces of work of one key run at a time
 * @param bounds how many of one key may wait, of one network and in all; beyond that a call rejects with `unavailable`
 */
export function createKeyedGates(most: number, bounds: { ofNetwork: number; inAll: number }): KeyedGates {
  const gates = new Map<string, { gate: FairSemaphore; inside: number }>();
  const makeGate = () =>
    createFairSemaphore(most, { ofGroup: bounds.ofNetwork, inAll: bounds.inAll }, () => unavailable());
  return async ({ key, network, ...rest }, work) => {
    const entry = gates.get(key) ?? { gate: makeGate(), inside: 0 };
    gates.set(key, entry);
    entry.inside += 1;
    try {
      return await entry.gate({ group: network, member: '', ...rest }, work);
    } finally {
      entry.inside -= 1;
      if (entry.inside === 0) gates.delete(key);
    }
  };
}
