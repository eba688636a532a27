import { setTimeout as delay } from 'node:timers/promises';
import { createCaller } from '../attacker/caller.ts';
import { forever } from '../attacker/forever.ts';
import type { Arms, Attack, Told } from './attack.ts';

/** With more logins of one account, the guard against guessing would delay them. */
const AT_ONCE_OF_ONE = 8;
/** The pause begins after the last answer. */
const PAUSE_MS = 1_000;

/** Each correct login costs auth a fifth of a second of a core. */
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
