import { Worker } from 'node:worker_threads';
import type { Arms, Attack } from '../attacks/attack.ts';
import { loopbackOf } from './loopback.ts';
import { type Tally, tally } from './messages.ts';

const MOST_MEMORY_MB = 256;

export type Attacker = {
  /** It rejects when the attack itself has failed, and never resolves. */
  failure: Promise<never>;
  stop(): Promise<Tally>;
};

export function startAttacker({ name }: Attack, arms: Arms): Attacker {
  loopbackOf(arms.api);
  const thread = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: { name, arms },
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  });
  let told: Tally = { sent: 0, heard: {} };
  thread.on('message', (message: unknown) => {
    told = tally.parse(message);
  });
  const failure = new Promise<never>((_, reject) => thread.once('error', reject));
  failure.catch(() => undefined);
  return {
    failure,
    async stop() {
      await thread.terminate();
      return told;
    },
  };
}
