import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../support/client.ts';
import { issuedAtMs } from '../clients/sessions.ts';
import type { Memory } from '../observing/kept.ts';
import { mayEndEarly } from './check-sessions.ts';
import type { Fault } from './faults.ts';
import type { Login, Session } from './model.ts';

const AT_A_TIME = 8;
/** After a reconnection, items may not know at once of a session that ended meanwhile. */
const HEARD_WITHIN_MS = 15_000;
const WORKS = 200;
const ENDED = 403;
const POLL_MS = 200;

/** Sessions are tried at items, which learns of revocations only from the broker. */
export async function checkAccess(
  call: Client,
  sessions: readonly Session[],
  logins: readonly Login[],
  memories: readonly Memory[] = [],
): Promise<Fault[]> {
  const faults: Fault[] = [];
  const note = (about: string, status: number, expected: readonly number[]): void => {
    const detail = `answered ${status} in place of ${[...new Set(expected)].join(' or ')}`;
    if (!expected.includes(status)) faults.push({ kind: 'effect-missing', about, detail });
  };
  const deadline = performance.now() + HEARD_WITHIN_MS;
  await each(sessions, async ({ about, token, status }) => {
    const expected = mayEndEarly(issuedAtMs(token), memories) ? [status, ENDED] : [status];
    const ask = async () => (await call('GET', '/items/?limit=1', { token })).status;
    let answered = await ask();
    while (answered === WORKS && !expected.includes(WORKS) && performance.now() < deadline) {
      await delay(POLL_MS);
      answered = await ask();
    }
    note(`session of ${about}`, answered, expected);
  });
  await each(logins, async ({ about, form, status }) => {
    note(about, (await call('POST', '/login/access-token', { form })).status, [status]);
  });
  return faults;
}

async function each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = all.values();
  const worker = async (): Promise<void> => {
    for (const one of left) await work(one);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}
