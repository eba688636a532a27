import { setTimeout as delay } from 'node:timers/promises';

/** Without a pause after a refusal, the attacker would only connect. */
const AGAIN_AFTER_MS = 250;

export async function forever(once: () => Promise<void>): Promise<never> {
  for (;;) {
    await once().catch((err: unknown) => {
      // Any other error is a bug of the attack.
      if (!(err instanceof Error && 'code' in err)) throw err;
      return delay(AGAIN_AFTER_MS);
    });
    await delay(1);
  }
}
