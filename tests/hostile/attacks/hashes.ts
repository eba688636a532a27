import { setTimeout as delay } from 'node:timers/promises';
import { createCaller } from '../attacker/caller.ts';
import { forever } from '../attacker/forever.ts';
import type { Arms, Attack, Told } from './attack.ts';

/** Of one account; with more of them it would be slowed down as one whose password is guessed. */
const AT_ONCE_OF_ONE = 8;
/** From the last answer of some to the next ones. */
const PAUSE_MS = 1_000;

/** Right logins, as many at once as the attacker likes: each costs auth a fifth of a second of a core. */
export const hashes: readonly Attack[] = [60, 225].map((count) => ({
  name: `hashes/${count}`,
  what: `${count} right logins at once from one address, and again when they are answered`,
  ...{ items: 0, accounts: Math.ceil(count / AT_ONCE_OF_ONE), isShort: count === 60 },
  run: (arms: Arms, told: Told) => logInAtOnce(arms, told, count),
}));

async function logInAtOnce(arms: Arms, told: Told, count: number): Promise<void> {
  const call = createCaller(arms, count);
  const forms = arms.others.map(({ email: username, password }) =>
    String(new URLSearchParams({ username, password })),
  );
  await forever(async () => {
    told.sent(count);
    await Promise.all(
      Array.from({ length: count }, async (_, n) =>
        told.heard(await call('POST', '/login/access-token', forms[n % forms.length], 'form')),
      ),
    );
    await delay(PAUSE_MS);
  });
}
