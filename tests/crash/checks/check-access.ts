import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Client } from '../../support/client.ts';
import type { Fault } from './faults.ts';
import type { Login, Session } from './model.ts';

const AT_A_TIME = 8;
/** Items may have its connection to the broker back, and not have heard yet what it missed. */
const HEARD_WITHIN_MS = 15_000;
const POLL_MS = 200;

/**
 * Tries every session and every changed password. Sessions are tried at items, which knows of a revocation only what the
 * broker told it.
 */
export async function checkAccess(
  call: Client,
  sessions: readonly Session[],
  logins: readonly Login[],
): Promise<Fault[]> {
  const faults: Fault[] = [];
  const deadline = performance.now() + HEARD_WITHIN_MS;
  const check = async (about: string, expected: number, ask: () => Promise<Answer>): Promise<void> => {
    let { status } = await ask();
    while (status !== expected && performance.now() < deadline) {
      await delay(POLL_MS);
      ({ status } = await ask());
    }
    const detail = `answered ${status} in place of ${expected}`;
    if (status !== expected) faults.push({ kind: 'effect-missing', about, detail });
  };
  await each(sessions, ({ about, token, status }) =>
    check(`session of ${about}`, status, () => call('GET', '/items/?limit=1', { token })),
  );
  await each(logins, ({ email, password, status }) =>
    check(`login of ${email}`, status, () =>
      call('POST', '/login/access-token', { form: { username: email, password } }),
    ),
  );
  return faults;
}

/** A few at a time, all of them. */
async function each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = all.values();
  const worker = async (): Promise<void> => {
    for (const one of left) await work(one);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}
