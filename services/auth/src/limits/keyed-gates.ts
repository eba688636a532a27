import { createGate, type Gate } from '@quartet/common/gate.ts';

/** Runs work, at most so much of one key at a time; of different keys side by side. */
export type KeyedGates = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** @param most how many pieces of work of one key run at a time */
export function createKeyedGates(most: number): KeyedGates {
  const gates = new Map<string, { gate: Gate; inside: number }>();
  return async (key, work) => {
    const entry = gates.get(key) ?? { gate: createGate(most), inside: 0 };
    gates.set(key, entry);
    entry.inside += 1;
    try {
      return await entry.gate(work);
    } finally {
      entry.inside -= 1;
      if (entry.inside === 0) gates.delete(key);
    }
  };
}
