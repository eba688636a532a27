import { setTimeout as delay } from 'node:timers/promises';

/** A pause after a refusal, so that the attacker does more than connect. */
const AGAIN_AFTER_MS = 250;

/** Repeats the work; failures are expected. */
export async function forever(once: () => Promise<void>): Promise<never> {
  for (;;) {
    await once().catch((err: unknown) => {
      // Other errors than those of connections are faults of the attack.
      if (!(err instanceof Error && 'code' in err)) throw err;
      return delay(AGAIN_AFTER_MS);
    });
    await delay(1);
  }
}
