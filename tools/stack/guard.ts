import { createInterface } from 'node:readline';
import type { KnownProcess } from './end-processes.ts';
import { endProcesses } from './end-processes.ts';
import { isKnown } from './state-file.ts';

/** What the launcher tells its guardian, one JSON value a line. */
export type GuardMessage = { watch: KnownProcess } | { forget: number } | { goodbye: true };

/**
 * Listens to a launcher until the channel closes. Without a goodbye the launcher has died, and what it had running
 * is ended. Returns what had to be ended.
 */
export async function guard(channel: NodeJS.ReadableStream, graceMs: number): Promise<KnownProcess[]> {
  const watched = new Map<number, KnownProcess>();
  for await (const line of createInterface({ input: channel })) {
    const message: unknown = JSON.parse(line);
    if (typeof message !== 'object' || message === null || 'goodbye' in message) {
      return [];
    }
    if ('watch' in message && isKnown(message.watch)) {
      watched.set(message.watch.pid, message.watch);
    } else if ('forget' in message && typeof message.forget === 'number') {
      watched.delete(message.forget);
    }
  }
  return endProcesses([...watched.values()], graceMs);
}
