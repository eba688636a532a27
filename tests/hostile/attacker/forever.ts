import { setTimeout as delay } from 'node:timers/promises';

/** So that one who is refused does not only make connections. */
const AGAIN_AFTER_MS = 250;

/** Does it again and again; a failure is what an attacker must expect. */
export async function forever(once: () => Promise<void>): Promise<never> {
  for (;;) {
    await once().catch((err: unknown) => {
      // What is no fault of a connection is one of the attack.
      if (!(err instanceof Error && 'code' in err)) throw err;
      return delay(AGAIN_AFTER_MS);
    });
    await delay(1);
  }
}
