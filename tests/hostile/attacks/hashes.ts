import { setTimeout as delay } from 'node:timers/promises';
import { createCaller } from '../attacker/caller.ts';
import { forever } from '../attacker/forever.ts';
import type { Arms, Attack, Told } from './attack.ts';

/** From the last answer of some to the next ones. */
const PAUSE_MS = 1_000;

/** Right logins, as many at once as the attacker likes: each costs auth a fifth of a second of a core. */
export const hashes: readonly Attack[] = [60, 225].map((count) => ({
  name: `hashes/${count}`,
  what: `${count} right logins at once from one address, and again when they are answered`,
  ...{ items: 0, isShort: count === 60 },
  run: (arms: Arms, told: Told) => logInAtOnce(arms, told, count),
}));

async function logInAtOnce(arms: Arms, told: Told, count: number): Promise<void> {
  const call = createCaller(arms, count);
  const form = new URLSearchParams({ username: arms.email, password: arms.password });
  await forever(async () => {
    told.sent(count);
    await Promise.all(
      Array.from({ length: count }, async () =>
        told.heard(await call('POST', '/login/access-token', String(form), 'form')),
      ),
    );
    await delay(PAUSE_MS);
  });
}
